"""TG1: reading files and manifests."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

FILE_UNREADABLE: Final = error("TG1001", "file-unreadable", "{path} cannot be read: {reason}")
FILE_TOO_LARGE: Final = error("TG1002", "file-too-large", "{path} has {size} bytes; at most {limit} are read")

CODES: Final = (FILE_UNREADABLE, FILE_TOO_LARGE)
