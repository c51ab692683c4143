"""TG5: Envoy and xDS."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

ENVOY_REJECTED: Final = error("TG5101", "envoy-rejected-config", "Envoy {node} refused {resource}")

CODES: Final = (ENVOY_REJECTED,)
