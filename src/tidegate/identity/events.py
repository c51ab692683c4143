"""The log: one canonical line for each token that was issued or refused, and what happens to keys and directory.

No line holds a token, a secret or an assertion. What a client sent is named only if it has the shape of an identifier:
people paste secrets into the wrong field.
"""

from __future__ import annotations

from typing import Final

import structlog

from tidegate.identity.claims import Stamp
from tidegate.identity.errors import OAuthError
from tidegate.identity.protocol.access import AccessGrant
from tidegate.identity.protocol.grants import GRANTS, KNOWN_ELSEWHERE
from tidegate.identity.protocol.messages import is_guid
from tidegate.keys import KeySet, KeyState

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.identity")


def token_issued(grant: AccessGrant, stamp: Stamp, *, kid: str, correlation_id: str) -> None:
    _log.info(
        "identity.token.issued",
        outcome="issued",
        tenant=grant.tenant.id,
        client_id=grant.client.app_id,
        grant=grant.grant,
        audience=grant.audience,
        user=grant.user.object_id if grant.user else None,
        scopes=" ".join(grant.scopes),
        roles=" ".join(grant.roles),
        token_id=stamp.unique,
        key=kid,
        ttl_s=stamp.expires - stamp.issued,
        correlation_id=correlation_id,
    )


def token_refused(
    error: OAuthError, *, tenant: str, client_id: str, grant: str, trace_id: str, correlation_id: str
) -> None:
    _log.info(
        "identity.token.refused",
        outcome="refused",
        tenant=tenant,
        client_id=client_id if is_guid(client_id) else ("(none)" if not client_id else "(not an id)"),
        grant=grant if grant in GRANTS or grant in KNOWN_ELSEWHERE or grant == "operator" else "(other)",
        code=f"AADSTS{error.kind.code}",
        reason=error.reason or None,
        trace_id=trace_id,
        correlation_id=correlation_id,
    )


def proofs_issued(*, audiences: int, kid: str) -> None:
    _log.info("identity.proofs.issued", audiences=audiences, key=kid)


def keys_changed(key_set: KeySet, *, reason: str) -> None:
    _log.info(
        "identity.keys.rotated",
        purpose=key_set.purpose,
        reason=reason,
        key=key_set.current.kid,
        previous=len(key_set.in_state(KeyState.PREVIOUS)),
    )


def keys_unusable(*, message: str) -> None:
    _log.error("identity.keys.unusable", reason=message)


def directory_loaded(*, digest: str, tenants: int, applications: int, users: int) -> None:
    _log.info("identity.directory.loaded", version=digest[:12], tenants=tenants, applications=applications, users=users)


def directory_rejected(*, message: str) -> None:
    _log.warning("identity.directory.rejected", reason=message)


def certificate_renewed(*, not_after: float) -> None:
    _log.info("identity.certificate.renewed", not_after=int(not_after))


def certificate_unusable(*, message: str) -> None:
    _log.error("identity.certificate.unusable", reason=message)


def request_failed(*, path: str, error: BaseException) -> None:
    """Our own bug. The error's text may quote anything, so only its kind and place are logged."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_qualname}:{last.tb_lineno}" if last else "?"
    _log.error("identity.request.failed", path=path, kind=type(error).__name__, place=place)
