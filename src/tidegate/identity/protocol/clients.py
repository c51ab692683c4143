"""Which client asks, and does it prove it. RFC 6749 section 2.3.1."""

from __future__ import annotations

import hashlib
import hmac

from tidegate.identity.errors import (
    CLIENT_ASSERTION_REFUSED,
    CLIENT_DISABLED,
    CLIENT_NOT_IN_TENANT,
    CREDENTIAL_MISSING,
    REQUEST_MALFORMED,
    SECRET_EXPIRED,
    SECRET_WRONG,
    OAuthError,
)
from tidegate.identity.indexes import DirectoryIndex, Enrolled
from tidegate.identity.protocol.messages import TokenRequest
from tidegate.model import PasswordCredential, Tenant


def authenticate(request: TokenRequest, index: DirectoryIndex, tenant: Tenant, *, now: float) -> Enrolled:
    """The confidential client that sent the request. OAuthError: unknown, disabled, or not proven."""
    client_id, secret = _presented(request)
    client = index.client(tenant, client_id)
    if client is None:
        raise OAuthError(CLIENT_NOT_IN_TENANT, client=client_id, tenant=tenant.id)
    if not client.principal.account_enabled:
        raise OAuthError(CLIENT_DISABLED, client=client.app_id)
    if not secret:
        if request.optional("client_assertion"):
            # No key credentials exist in this version's directory, so none can match.
            raise OAuthError(CLIENT_ASSERTION_REFUSED, client=client.app_id)
        raise OAuthError(CREDENTIAL_MISSING)
    _check_secret(client, secret, now=now)
    return client


def presented_client_id(request: TokenRequest) -> str:
    """The client that a request names, for the log; "" where it names none."""
    return request.basic.client_id if request.basic else request.optional("client_id")


def _presented(request: TokenRequest) -> tuple[str, str]:
    if request.basic is None:
        return request.required("client_id"), request.optional("client_secret")
    # RFC 6749 section 2.3: one method in a request. A second one could name another client.
    if request.optional("client_secret") or request.optional("client_assertion"):
        raise OAuthError(REQUEST_MALFORMED, "The client authenticates in the header and in the body.")
    if request.optional("client_id") not in ("", request.basic.client_id):
        raise OAuthError(REQUEST_MALFORMED, "The header and the body name different clients.")
    return request.basic.client_id, request.basic.secret


def _check_secret(client: Enrolled, secret: str, *, now: float) -> None:
    digest = hashlib.sha256(secret.encode("utf-8")).hexdigest().encode("ascii")
    # Every registered secret is compared, each in constant time: the time tells neither which nor how close.
    matching = [
        password
        for password in client.application.passwords
        if hmac.compare_digest(password.secret_sha256.lower().encode("utf-8"), digest)
    ]
    if any(_is_valid(password, now=now) for password in matching):
        return
    if not matching:
        count = len(client.application.passwords)
        raise OAuthError(SECRET_WRONG, reason=f"compared with {count} registered secrets", client=client.app_id)
    password = matching[0]
    if password.start is not None and now < password.start:
        reason = f"secret {password.key_id} begins at {password.start:.0f}"
        raise OAuthError(SECRET_WRONG, reason=reason, client=client.app_id)
    reason = f"secret {password.key_id} ended at {password.end:.0f}"
    raise OAuthError(
        SECRET_EXPIRED, f"It is the secret with key id {password.key_id}.", reason=reason, client=client.app_id
    )


def _is_valid(password: PasswordCredential, *, now: float) -> bool:
    return (password.start is None or password.start <= now) and (password.end is None or now < password.end)
