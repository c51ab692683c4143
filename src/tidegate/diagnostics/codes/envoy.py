"""TG5: Envoy and xDS."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

ENVOY_REJECTED: Final = error("TG5101", "envoy-rejected-config", "Envoy {node} refused {resource}")

HOST_HEADER_CHANGE: Final = error(
    "TG5201", "host-header-change", "{route} {change}: a request has exactly one Host header, a response has none"
)

CODES: Final = (ENVOY_REJECTED, HOST_HEADER_CHANGE)
