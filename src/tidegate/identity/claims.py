"""The claims of Entra's tokens. Which version an access token has is the resource's choice, not the endpoint's.

Names and meanings follow Microsoft's access token reference; research found them in real tokens. Two things are ours:
`sub` of a user is a digest, equal on every machine for the same user and application, so that data keyed by it can be
shared by a team; and `idtyp` stands in every application's token, where Entra wants it asked for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from tidegate.identity.protocol.access import AccessGrant
from tidegate.identity.protocol.assertions import ISSUER_V1, ISSUER_V2
from tidegate.keys import base64url
from tidegate.model import User


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes one token different from the next."""

    issued: int
    expires: int
    unique: str
    """uti: the token's name."""
    opaque: str
    """aio and rh: Entra's own bookkeeping; clients must not read it."""


def access_claims(grant: AccessGrant, stamp: Stamp) -> dict[str, Any]:
    """The claims of the access token that `grant` decided."""
    version = grant.resource.application.requested_access_token_version
    claims = _common_claims(grant, stamp, version=version)
    claims |= _user_claims(grant, grant.user, version=version) if grant.user else _application_claims(grant)
    if grant.roles:
        claims["roles"] = list(grant.roles)
    if grant.capabilities:
        claims["xms_cc"] = list(grant.capabilities)
    return claims


def id_claims(grant: AccessGrant, user: User, stamp: Stamp) -> dict[str, Any]:
    """The claims of the id token for the client (OpenID Connect Core section 2), version 2.0."""
    return {
        "aud": grant.client.app_id,
        "iss": ISSUER_V2.format(tenant=grant.tenant.id),
        "iat": stamp.issued,
        "nbf": stamp.issued,
        "exp": stamp.expires,
        "name": user.display_name,
        "oid": user.object_id,
        "preferred_username": user.user_principal_name,
        "rh": stamp.opaque,
        "sub": pairwise_subject(user, app_id=grant.client.app_id),
        "tid": grant.tenant.id,
        "uti": stamp.unique,
        "ver": "2.0",
    }


def pairwise_subject(user: User, *, app_id: str) -> str:
    """`sub`: another one for each application (OpenID Connect Core section 8.1).

    Not salted by a secret: the same token says `oid`, so hiding who it is would be for show.
    """
    text = f"tidegate pairwise 1|{user.tenant_id}|{app_id}|{user.object_id}"
    return base64url(hashlib.sha256(text.encode("utf-8")).digest())


def _common_claims(grant: AccessGrant, stamp: Stamp, *, version: int) -> dict[str, Any]:
    tenant_id = grant.tenant.id
    common: dict[str, Any] = {
        "iat": stamp.issued,
        "nbf": stamp.issued,
        "exp": stamp.expires,
        "aio": stamp.opaque,
        "rh": stamp.opaque,
        "tid": tenant_id,
        "uti": stamp.unique,
    }
    if version == 1:
        return common | {
            "aud": grant.audience,
            "iss": ISSUER_V1.format(tenant=tenant_id),
            "appid": grant.client.app_id,
            "appidacr": grant.client.authentication,
            "ver": "1.0",
        }
    return common | {
        "aud": grant.resource.app_id,
        "iss": ISSUER_V2.format(tenant=tenant_id),
        "azp": grant.client.app_id,
        "azpacr": grant.client.authentication,
        "ver": "2.0",
    }


def _application_claims(grant: AccessGrant) -> dict[str, Any]:
    principal = grant.client.principal
    if principal is None:
        raise ValueError("an application's token needs the application's service principal")
    claims: dict[str, Any] = {"idtyp": "app", "oid": principal.object_id, "sub": principal.object_id}
    if grant.resource.application.requested_access_token_version == 1:
        claims["idp"] = ISSUER_V1.format(tenant=grant.tenant.id)
    return claims


def _user_claims(grant: AccessGrant, user: User, *, version: int) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "name": user.display_name,
        "oid": user.object_id,
        "scp": " ".join(grant.scopes),
        "sub": pairwise_subject(user, app_id=grant.resource.app_id),
    }
    if version == 1:
        return claims | {
            "acr": "1",
            "amr": ["pwd"],
            "ipaddr": "127.0.0.1",
            "unique_name": user.user_principal_name,
            "upn": user.user_principal_name,
        }
    return claims | {"preferred_username": user.user_principal_name}
