"""TG5: Envoy and xDS."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

ENVOY_REJECTED: Final = error("TG5101", "envoy-rejected-config", "Envoy {node} refused {resource}")

HOST_HEADER_CHANGE: Final = error(
    "TG5201", "host-header-change", "{route} {change}: a request has exactly one Host header, a response has none"
)

SESSION_SPLIT: Final = warning(
    "TG5202",
    "session-header-split",
    "{route} keeps sessions in header `{name}`, which remembers an endpoint but not which of {count} backends it is of",
)
EXPOSE_ALL: Final = warning(
    "TG5203",
    "cors-expose-all-with-credentials",
    "{route} exposes every response header and allows credentials, for which browsers take `*` literally",
)

CODES: Final = (ENVOY_REJECTED, HOST_HEADER_CHANGE, SESSION_SPLIT, EXPOSE_ALL)
