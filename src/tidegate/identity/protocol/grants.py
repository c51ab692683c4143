"""The grants, as a table: what `grant_type` may say and who decides. What is not here is not served."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from tidegate.identity.errors import GRANT_UNSUPPORTED, REQUEST_MALFORMED, OAuthError
from tidegate.identity.protocol.access import AccessGrant
from tidegate.identity.protocol.client_credentials import client_credentials
from tidegate.identity.protocol.context import GrantContext
from tidegate.identity.protocol.messages import TokenRequest
from tidegate.identity.protocol.on_behalf_of import on_behalf_of

Grant: TypeAlias = Callable[[TokenRequest, GrantContext], AccessGrant]

GRANTS: Final[Mapping[str, Grant]] = {
    "client_credentials": client_credentials,  # RFC 6749 section 4.4; no state
    "urn:ietf:params:oauth:grant-type:jwt-bearer": on_behalf_of,  # RFC 7523 section 2.1, Entra's profile; no state
}

KNOWN_ELSEWHERE: Final = frozenset(
    {
        "authorization_code",
        "refresh_token",
        "device_code",
        "urn:ietf:params:oauth:grant-type:device_code",
        "password",
    }
)
"""Entra has these; this version has not, and says so in one more sentence."""


def grant_named(name: str) -> Grant:
    """OAuthError 70003: none of that name."""
    grant = GRANTS.get(name)
    if grant is None:
        detail = "It is not part of this version of the token service." if name in KNOWN_ELSEWHERE else ""
        raise OAuthError(GRANT_UNSUPPORTED, detail, grant=name)
    return grant


def client_capabilities(request: TokenRequest) -> tuple[str, ...]:
    """`claims={"access_token":{"xms_cc":{"values":["CP1"]}}}`: what clients say they can handle."""
    text = request.optional("claims")
    if not text:
        return ()
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise OAuthError(REQUEST_MALFORMED, "The parameter 'claims' is not a JSON object.")
    for member in ("access_token", "xms_cc", "values"):
        document = document.get(member) if isinstance(document, dict) else None
    if not isinstance(document, list):
        return ()
    # "CP1" is the only capability there is; Node's clients write it in lower case.
    return ("CP1",) if any(isinstance(value, str) and value.upper() == "CP1" for value in document) else ()
