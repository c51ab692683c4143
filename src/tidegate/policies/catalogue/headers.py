"""Facts about header names that several policies need."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

SEPARATE_LINES: Final = frozenset(
    {
        # May hold commas of their own.
        "user-agent", "www-authenticate", "proxy-authenticate", "cookie", "set-cookie", "warning",
        # Dates do.
        "date", "expires", "if-modified-since", "if-unmodified-since", "last-modified", "retry-after",
    }
)  # fmt: skip
"""Several values stay separate lines; of any other header they become one, joined by commas."""

UNTOUCHABLE: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
"""They belong to the message's framing."""

RESERVED: Final = frozenset({"x-gateway-authorization", "x-gateway-headers", "x-tidegate-reply"})
"""The gateway sets them itself, after the policies."""


def is_header_name(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None


def has_control(value: str) -> bool:
    """Whether the text cannot stand in a header. CR and LF would begin another header."""
    return _CONTROL.search(value) is not None
