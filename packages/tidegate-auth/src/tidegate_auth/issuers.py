"""Which issuers count, and where their keys are."""

from __future__ import annotations

from tidegate_auth.clock import Clock
from tidegate_auth.key_source import FetchJson, KeySource
from tidegate_auth.settings import PUBLIC_AUTHORITY


def tenant_issuers(*, authority: str, tenant_id: str, fetch: FetchJson, clock: Clock) -> dict[str, KeySource]:
    """Entra's two issuers of a tenant, for v2 and v1 tokens. Their names are Entra's, wherever the keys come from."""
    sources = (
        KeySource(
            issuer=f"{PUBLIC_AUTHORITY}/{tenant_id}/v2.0",
            metadata_url=f"{authority}/{tenant_id}/v2.0/.well-known/openid-configuration",
            fetch=fetch,
            clock=clock,
        ),
        KeySource(
            # The trailing slash is part of the name.
            issuer=f"https://sts.windows.net/{tenant_id}/",
            metadata_url=f"{authority}/{tenant_id}/.well-known/openid-configuration",
            fetch=fetch,
            clock=clock,
        ),
    )
    return {source.issuer: source for source in sources}


def gateway_issuer(*, authority: str, fetch: FetchJson, clock: Clock) -> KeySource:
    """The issuer of gateways' proofs: keys of their own, apart from every tenant's."""
    issuer = f"{authority}/gateway"
    metadata_url = f"{issuer}/.well-known/openid-configuration"
    return KeySource(issuer=issuer, metadata_url=metadata_url, fetch=fetch, clock=clock)
