"""TG9: configuration and the command line."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

PORT_IN_USE: Final = error("TG9101", "port-in-use", "{what} cannot listen on {address}: the port is in use")

CODES: Final = (PORT_IN_USE,)
