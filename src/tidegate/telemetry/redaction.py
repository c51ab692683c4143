"""What never appears in a log or a report: tokens, secrets, passwords, keys.

The first line of defence is types that do not print themselves; this is the second, for texts that come from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

REDACTED: Final = "[redacted]"

SECRET_NAMES: Final = frozenset(
    {
        "access_token",
        "assertion",
        "authorization",
        "client_assertion",
        "client_secret",
        "code",
        "code_verifier",
        "cookie",
        "id_token",
        "identity-header",
        "ocp-apim-subscription-key",
        "password",
        "proxy-authorization",
        "refresh_token",
        "secret",
        "secrettext",
        "set-cookie",
        "subscription-key",
        "token",
        "x-gateway-authorization",
    }
)
"""Names of headers and parameters, in lower case, whose values are dropped."""

# `code` alone is the name of our diagnostics' codes in logs; as a parameter of a URL or form it is a grant.
_FIELD_NAMES: Final = SECRET_NAMES - {"code"}

_TEXTS: Final = (
    (re.compile(r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,3}"), REDACTED),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    (
        re.compile(
            r"(?i)\b(" + "|".join(sorted(map(re.escape, SECRET_NAMES), key=len, reverse=True)) + r")"
            r"(['\"]?\s*[=:]\s*['\"]?)(?!\[redacted\])[^\s'\"&,;}\]]+"
        ),
        rf"\1\2{REDACTED}",
    ),
)


def redact_text(text: str) -> str:
    """The text without anything that looks like a token, a key or a named secret's value."""
    for pattern, replacement in _TEXTS:
        text = pattern.sub(replacement, text)
    return text


def redact_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor."""
    for key, value in event.items():
        event[key] = _redact(key, value)
    return event


def _redact(key: str, value: Any) -> Any:  # a log's values are whatever the caller gave
    if key.lower() in _FIELD_NAMES:
        return REDACTED
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {name: _redact(str(name), inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact(key, inner) for inner in value]
    return value
