"""TG6: the directory and the token service."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

TENANT_UNKNOWN: Final = error("TG6001", "tenant-unknown", "{object} belongs to no Organization")

CODES: Final = (TENANT_UNKNOWN,)
