"""Requests and replies of the token endpoint, and how a form is read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from tidegate.identity.errors import PARAMETER_MISSING, REQUEST_MALFORMED, REQUEST_TOO_LARGE, OAuthError

MAX_BODY_BYTES: Final = 64 * 1024
"""An assertion of some kilobytes, with room. Entra's own clients stay below 10 kB."""
_MAX_PARAMETERS: Final = 64
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class TokenCall:
    """An HTTP request to a token endpoint, as it arrived."""

    tenant: str
    """The first segment of the path."""
    version: int
    """1 for /oauth2/token, 2 for /oauth2/v2.0/token."""
    body: bytes
    method: str = "POST"
    content_type: str = ""
    authorization: str = ""
    client_request_id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response, complete."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basic:
    """Client credentials from the Authorization header (RFC 6749 section 2.3.1)."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Basic({self.client_id!r}, ...)"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A form that is well-formed. Absent and empty parameters are the same (RFC 6749 section 3.2)."""

    version: int
    parameters: Mapping[str, str]
    basic: Basic | None

    def __repr__(self) -> str:
        return f"TokenRequest(version={self.version}, {', '.join(sorted(self.parameters))})"

    def optional(self, name: str) -> str:
        return self.parameters.get(name, "")

    def required(self, name: str) -> str:
        value = self.parameters.get(name, "")
        if not value:
            raise OAuthError(PARAMETER_MISSING, name=name)
        return value


def read_request(call: TokenCall) -> TokenRequest:
    """Read the form and the Authorization header. OAuthError: either is malformed."""
    return TokenRequest(call.version, _read_form(call), _read_basic(call.authorization))


def request_id(text: str) -> str | None:
    """A client's request id, if it is a GUID: nothing else is echoed or logged."""
    return text.lower() if _GUID.fullmatch(text) else None


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


def _read_form(call: TokenCall) -> dict[str, str]:
    if len(call.body) > MAX_BODY_BYTES:
        raise OAuthError(REQUEST_TOO_LARGE, f"A request body may have {MAX_BODY_BYTES} bytes.")
    media_type = call.content_type.partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        detail = f"The body must be application/x-www-form-urlencoded, not '{media_type[:80] or 'untyped'}'."
        raise OAuthError(PARAMETER_MISSING, detail, name="grant_type")
    try:
        pairs = parse_qsl(
            call.body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError:
        detail = f"The body is not a form in UTF-8 with at most {_MAX_PARAMETERS} parameters."
        raise OAuthError(REQUEST_MALFORMED, detail) from None
    parameters: dict[str, str] = {}
    for name, value in pairs:
        # RFC 6749 section 3.2: a parameter must not occur twice. Which one counts has been a way round checks.
        if name in parameters:
            raise OAuthError(REQUEST_MALFORMED, f"The parameter '{name[:40]}' occurs twice.")
        parameters[name] = value
    return parameters


def _read_basic(header: str) -> Basic | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        basic = Basic(unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict"))
    except (binascii.Error, ValueError):
        separator = ""
    if not separator:
        raise OAuthError(REQUEST_MALFORMED, "The Authorization header holds no Basic credentials.")
    return basic
