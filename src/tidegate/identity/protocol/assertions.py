"""Our own access tokens when they come back as assertions: verified, then compared with who presents them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from tidegate.identity.errors import (
    ASSERTION_APP_ONLY,
    ASSERTION_AUDIENCE,
    ASSERTION_EXPIRED,
    ASSERTION_INVALID,
    OAuthError,
    shown,
)
from tidegate.identity.indexes import Enrolled
from tidegate.model import Tenant

ISSUER_V1: Final = "https://sts.windows.net/{tenant}/"
ISSUER_V2: Final = "https://login.microsoftonline.com/{tenant}/v2.0"
"""Entra's own, so that code which checks `iss` is the same here and there."""


class AssertionVerifier(Protocol):
    """Checks signatures with the tenants' keys."""

    def verified_claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that we signed. OAuthError 50013: we did not, or it is no token."""
        ...


@dataclass(frozen=True, slots=True)
class UserAssertion:
    """What a user's verified token says."""

    object_id: str


def read_user_assertion(
    token: str, *, verifier: AssertionVerifier, tenant: Tenant, presenter: Enrolled, now: float
) -> UserAssertion:
    """Check an assertion fully. OAuthError: it may not be exchanged by `presenter`, and why."""
    claims = verifier.verified_claims(token)
    _check_issuer(claims, tenant)
    _check_audience(claims, presenter)
    _check_times(claims, now=now)
    if "scp" not in claims:
        if claims.get("idtyp") == "app":
            raise OAuthError(ASSERTION_APP_ONLY)
        # An id token, for one: signed by us, for this client, and no permission to call anything.
        raise OAuthError(ASSERTION_INVALID, "It carries no 'scp', so it is not an access token of a user.")
    object_id = claims.get("oid")
    if not isinstance(object_id, str):
        raise OAuthError(ASSERTION_INVALID, "It names no user ('oid').")
    return UserAssertion(object_id)


def _check_issuer(claims: dict[str, Any], tenant: Tenant) -> None:
    expected = (ISSUER_V1.format(tenant=tenant.id), ISSUER_V2.format(tenant=tenant.id))
    if claims.get("iss") not in expected or claims.get("tid") != tenant.id:
        detail = f"Its issuer is '{shown(str(claims.get('iss')))}', this is the tenant '{tenant.id}'."
        raise OAuthError(ASSERTION_INVALID, detail)


def _check_audience(claims: dict[str, Any], presenter: Enrolled) -> None:
    accepted = (presenter.app_id, *presenter.application.identifier_uris)
    if claims.get("aud") not in accepted:
        detail = f"It is for '{shown(str(claims.get('aud')))}', presented by '{presenter.app_id}'."
        raise OAuthError(ASSERTION_AUDIENCE, detail)


def _check_times(claims: dict[str, Any], *, now: float) -> None:
    """No leeway: we signed it, by the same clock."""
    expires, begins = claims.get("exp"), claims.get("nbf")
    if not isinstance(expires, int) or not isinstance(begins, int):
        raise OAuthError(ASSERTION_INVALID, "It has no time range.")
    if now >= expires:
        raise OAuthError(ASSERTION_EXPIRED, f"It expired {now - expires:.0f} s ago.")
    if now < begins:
        raise OAuthError(ASSERTION_EXPIRED, f"It begins in {begins - now:.0f} s.")
