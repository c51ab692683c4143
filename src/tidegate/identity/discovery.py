"""Metadata: OpenID Connect Discovery 1.0 and key sets (RFC 7517), in Entra's places with Entra's fields.

What is advertised exists, with one exception: clients insist on `authorization_endpoint` (msal for Python and Node
refuse a document without it), and OpenID Connect Discovery on `response_types_supported`. That endpoint answers every
request with AADSTS70005 until sign-in is part of the service. Device, userinfo and end-session endpoints are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from tidegate.identity.errors import INSTANCE_UNKNOWN, PARAMETER_MISSING, OAuthError
from tidegate.identity.protocol.assertions import ISSUER_V1, ISSUER_V2
from tidegate.keys import ALGORITHM, KeySet

SHARED_NAMES: Final = frozenset({"common", "organizations"})
"""Authorities of every tenant: their issuer holds the literal {tenantid}, for clients to fill in."""
ENTRA_HOSTS: Final = ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net")
"""Names under which programs reach us through the intercepting proxy."""
_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Authority:
    """Where this service is reached, as its metadata says."""

    url: str
    """`https://HOST[:PORT]`, no slash at the end."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "https" or not parts.netloc or parts.path or parts.query:
            raise ValueError(f"an authority is https://HOST[:PORT], got {self.url!r}")

    def as_asked(self, host: str) -> str:
        """The base of endpoints for a client that asked for `host`; only names that are ours are believed."""
        if host in ENTRA_HOSTS:
            return f"https://{host}"
        if _LOOPBACK.fullmatch(host) and _LOOPBACK.fullmatch(urlsplit(self.url).netloc):
            return f"https://{host}"
        return self.url

    def knows(self, host: str) -> bool:
        """Whether `host` (with or without our port: msal for Python drops it) is this service."""
        own = urlsplit(self.url)
        return host in (own.netloc, own.hostname) or host in ENTRA_HOSTS


def openid_configuration(*, base: str, tenant: str, version: int) -> dict[str, Any]:
    """The document of a tenant (by id), or of one of SHARED_NAMES. `base` is where the client reached us."""
    root = f"{base}/{tenant}"
    issuer_tenant = "{tenantid}" if tenant in SHARED_NAMES else tenant
    issuer = (ISSUER_V1 if version == 1 else ISSUER_V2).format(tenant=issuer_tenant)
    infix = "" if version == 1 else "/v2.0"
    return {
        "token_endpoint": f"{root}/oauth2{infix}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{root}/discovery{infix}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "grant_types_supported": ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "scopes_supported": ["openid"],
        "issuer": issuer,
        "request_uri_parameter_supported": False,
        "authorization_endpoint": f"{root}/oauth2{infix}/authorize",
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "name", "oid", "preferred_username", "tid", "uti", "ver",
        ],
        "tenant_region_scope": None,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net",
    }  # fmt: skip


def tenant_keys(key_set: KeySet, *, tenant: str, version: int) -> dict[str, Any]:
    """The key set of tenants: one for all of them, as at Entra; the v2 form names the issuer of each key."""
    keys = [key.public_jwk for key in key_set.published]
    if version == 1:
        return {"keys": keys}
    issuer = ISSUER_V2.format(tenant="{tenantid}" if tenant in SHARED_NAMES else tenant)
    return {"keys": [key | {"issuer": issuer} for key in keys]}


def gateway_configuration(authority: Authority) -> dict[str, Any]:
    """The document by which backends verify the gateway's proofs. Its issuer is fixed, whatever host was asked."""
    issuer = gateway_issuer(authority)
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/discovery/keys",
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "subject_types_supported": ["public"],
        "response_types_supported": ["none"],
    }


def gateway_keys(key_set: KeySet) -> dict[str, Any]:
    return {"keys": [key.public_jwk for key in key_set.published]}


def gateway_issuer(authority: Authority) -> str:
    return f"{authority.url}/gateway"


def instance_discovery(authority: Authority, *, base: str, authorization_endpoint: str) -> dict[str, Any]:
    """Answer `is this authority genuine?`. OAuthError 50049: it is neither ours nor one we stand in for."""
    if not authorization_endpoint:
        raise OAuthError(PARAMETER_MISSING, name="authorization_endpoint")
    try:
        asked = urlsplit(authorization_endpoint)
    except ValueError:
        raise OAuthError(INSTANCE_UNKNOWN) from None
    tenant = asked.path.lstrip("/").partition("/")[0]
    if asked.scheme != "https" or not authority.knows(asked.netloc) or not tenant:
        raise OAuthError(INSTANCE_UNKNOWN)
    found_at = f"https://{asked.netloc}" if asked.netloc in ENTRA_HOSTS else authority.url
    own = urlsplit(base).netloc
    return {
        "tenant_discovery_endpoint": f"{found_at}/{tenant}/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [
            {
                "preferred_network": ENTRA_HOSTS[0],
                "preferred_cache": ENTRA_HOSTS[1],
                "aliases": list(ENTRA_HOSTS),
            },
            *([] if own in ENTRA_HOSTS else [{"preferred_network": own, "preferred_cache": own, "aliases": [own]}]),
        ],
    }
