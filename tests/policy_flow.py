"""Pieces of documents for tests of what policies do in which order."""

from __future__ import annotations

from typing import Final

from policy_programs import set_header

OUT: Final = set_header("X-Out", "@(context.Response.StatusCode)")
"""In outbound: which status it saw."""
LAST_ERROR: Final = "".join(
    set_header(f"X-{name}", f'@(context.LastError.{name} ?? "none")')
    for name in ("Source", "Reason", "Message", "Scope", "Section", "Path", "PolicyId")
)
"""In on-error: every field."""
THROWS: Final = '@((string)context.Variables["missing"])'
FORWARD: Final = "<forward-request />"


def when(condition: str, content: str) -> str:
    """A choose with one branch."""
    return f'<choose><when condition="{condition}">{content}</when></choose>'


def has(header: str) -> str:
    """The condition that the request has a header."""
    return f'@(context.Request.Headers.ContainsKey("{header}"))'


def returns(status: int, *headers: str) -> str:
    """A return-response."""
    return f'<return-response><set-status code="{status}" />{"".join(headers)}</return-response>'
