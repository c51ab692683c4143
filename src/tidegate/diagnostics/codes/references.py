"""TG4: references between objects, and attachment."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

BACKEND_NOT_FOUND: Final = error(
    "TG4101", "backend-not-found", "{route} sends to Service {service}, which does not exist"
)

CODES: Final = (BACKEND_NOT_FOUND,)
