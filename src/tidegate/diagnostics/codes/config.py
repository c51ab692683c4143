"""TG9: configuration and the command line."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

PORT_IN_USE: Final = error("TG9101", "port-in-use", "{what} cannot listen on {address}: {reason}")
ISSUER_UNREACHABLE: Final = warning(
    "TG9102", "issuer-unreachable", "the keys of {url} cannot be had, so its tokens are refused: {reason}"
)
WORKLOAD_ENDED: Final = error(
    "TG9103", "workload-ended", "a replica of Deployment {name} ended {times} times in a row ({how})"
)
WORKLOAD_SILENT: Final = warning(
    "TG9104",
    "workload-silent",
    "a replica of Deployment {name} runs, but accepts no connection on {address} after {after} s",
)

CODES: Final = (PORT_IN_USE, ISSUER_UNREACHABLE, WORKLOAD_ENDED, WORKLOAD_SILENT)
