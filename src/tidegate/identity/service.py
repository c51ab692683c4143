"""The token service: the protocol, the directory, the keys and the clock put together. No HTTP server, no event loop.

Every method takes values and gives values; those that can take longer than a signature say so.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidegate.identity import discovery, events
from tidegate.identity.discovery import SHARED_NAMES, Authority
from tidegate.identity.errors import (
    POST_ONLY,
    REQUEST_MALFORMED,
    TENANT_MISSING,
    TENANT_UNKNOWN,
    TENANT_UNKNOWN_DISCOVERY,
    ErrorKind,
    OAuthError,
)
from tidegate.identity.indexes import DirectoryIndex
from tidegate.identity.ports import Clock, DirectoryRejected, DirectorySource, KeyStore, Randomness
from tidegate.identity.protocol.access import AccessGrant
from tidegate.identity.protocol.clients import presented_client_id
from tidegate.identity.protocol.context import GrantContext
from tidegate.identity.protocol.grants import client_capabilities, grant_named
from tidegate.identity.protocol.messages import Reply, TokenCall, TokenRequest, read_request, request_id
from tidegate.identity.protocol.operator import OperatorRequest, operator_tenant, operator_token
from tidegate.identity.tokens import (
    LONGEST_TOKEN_S,
    PROOF_S,
    OwnTokenVerifier,
    TokenIssuer,
    TokenSigner,
    compact_json,
    in_v1_shape,
)
from tidegate.keys import GATEWAY, TENANTS, KeyRing, KeySet, Schedule, base64url
from tidegate.model import Directory, Tenant

PROOF_TYPE: Final = "gateway-proof+jwt"
"""typ of a proof: no verifier of access tokens takes one for the other."""
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CACHED: Final = {"Cache-Control": "private, max-age=300", "Access-Control-Allow-Origin": "*"}


@dataclass(slots=True)
class _Asked:
    """What is known of a request so far, for the log of a refusal."""

    tenant: str = "(none)"
    client_id: str = ""
    grant: str = ""
    correlation_id: str | None = None


class TokenService:
    """One service for all tenants of a directory."""

    def __init__(
        self,
        *,
        authority: str,
        directory: DirectorySource,
        keys: KeyStore,
        clock: Clock,
        randomness: Randomness,
        schedule: Schedule | None = None,
    ) -> None:
        """Load keys (making the first ones) and the directory (none yet, if it is malformed).

        KeyStoreError: the keys cannot be used. ValueError: `authority` is not https://HOST[:PORT].
        """
        self.authority: Final = Authority(authority)
        self._source = directory
        self._clock = clock
        self._randomness = randomness
        schedule = schedule or Schedule(longest_token_s=LONGEST_TOKEN_S)
        self._rings = {
            purpose: KeyRing(purpose, store=keys, clock=clock, schedule=schedule) for purpose in (TENANTS, GATEWAY)
        }
        self._signer = TokenSigner(self._rings[TENANTS])
        self._proof_signer = TokenSigner(self._rings[GATEWAY])
        self._verifier = OwnTokenVerifier(self._rings[TENANTS])
        self._issuer = TokenIssuer(self._signer, clock=clock, randomness=randomness)
        self._reloading = threading.Lock()
        self._index = DirectoryIndex(Directory(), digest="none")
        self.reload()

    # Metadata

    def openid_configuration(self, tenant: str, *, version: int, host: str) -> Reply:
        name = self._shared_or_id(tenant)
        base = self.authority.as_asked(host)
        return _document(discovery.openid_configuration(base=base, tenant=name, version=version))

    def tenant_keys(self, tenant: str, *, version: int) -> Reply:
        name = self._shared_or_id(tenant)
        return _document(discovery.tenant_keys(self._rings[TENANTS].key_set, tenant=name, version=version))

    def gateway_configuration(self) -> Reply:
        return _document(discovery.gateway_configuration(self.authority))

    def gateway_keys(self) -> Reply:
        return _document(discovery.gateway_keys(self._rings[GATEWAY].key_set))

    def instance_discovery(self, authorization_endpoint: str, *, host: str) -> Reply:
        base = self.authority.as_asked(host)
        return _document(
            discovery.instance_discovery(self.authority, base=base, authorization_endpoint=authorization_endpoint)
        )

    # Tokens

    def token(self, call: TokenCall) -> Reply:
        """Answer a token request; total: every refusal is a reply."""
        asked = _Asked(correlation_id=request_id(call.client_request_id))
        try:
            grant = self._decide(call, asked)
        except OAuthError as error:
            reply = self._refused(error, asked)
            if error.kind.status == 401 and call.authorization[:6].lower() == "basic ":
                # RFC 6749 section 5.2: a client that used the header is answered with its scheme.
                challenge = {"WWW-Authenticate": f'Basic realm="{self.authority.url}"'}
                return Reply(reply.status, reply.body, {**reply.headers, **challenge})
            return reply
        return self._issued(grant, version=call.version, correlation_id=asked.correlation_id)

    def operator_token(self, request: OperatorRequest) -> Reply:
        """A token for the operator. Only for the private socket."""
        asked = _Asked(grant="operator")
        try:
            tenant = operator_tenant(request, self._index)
            asked.tenant = tenant.id
            grant = operator_token(request, self._context(tenant, None))
        except OAuthError as error:
            return self._refused(error, asked)
        return self._issued(grant, version=2, correlation_id=None)

    def proofs(self, audiences: Sequence[str]) -> dict[str, Any]:
        """The gateway's proofs for backends. OAuthError: an audience is not one of the directory's backends."""
        unknown = [audience for audience in audiences if audience not in self._index.workload_audiences]
        if unknown:
            self.reload()  # control writes the directory and asks at once
            unknown = [audience for audience in audiences if audience not in self._index.workload_audiences]
        if unknown:
            raise OAuthError(REQUEST_MALFORMED, f"No backend has the audience '{unknown[0][:120]}'.")
        issued = int(self._clock.now())
        tokens = {}
        for audience in audiences:
            claims = {
                "iss": discovery.gateway_issuer(self.authority),
                "aud": audience,
                "sub": "gateway",
                "iat": issued,
                "nbf": issued,
                "exp": issued + PROOF_S,
                "jti": base64url(self._randomness.bytes(16)),
            }
            tokens[audience] = self._proof_signer.sign(claims, kind=PROOF_TYPE)
        events.proofs_issued(audiences=len(tokens), kid=self._proof_signer.kid)
        return {"tokens": tokens, "expires_in": PROOF_S}

    # Upkeep

    def reload(self) -> bool:
        """Load the directory again if it changed; a malformed one keeps the last good. Linear in its size."""
        with self._reloading:
            try:
                loaded = self._source.load()
            except DirectoryRejected as error:
                events.directory_rejected(message=str(error))
                return False
            if loaded.digest != self._index.digest:
                self._index = DirectoryIndex(loaded.directory, digest=loaded.digest)
                events.directory_loaded(
                    digest=loaded.digest,
                    tenants=len(loaded.directory.tenants),
                    applications=len(loaded.directory.applications),
                    users=len(loaded.directory.users),
                )
            return True

    def refresh_keys(self) -> None:
        """Do what is due, and take over other processes' rotations. May make keys. KeyStoreError: it cannot."""
        for ring in self._rings.values():
            before = ring.key_set.current
            if ring.refresh().current != before:
                events.keys_changed(ring.key_set, reason="due")

    def rotate_keys(self, purpose: str) -> KeySet:
        """Rotate now. Makes a key. KeyStoreError: it cannot."""
        key_set = self._rings[purpose].rotate()
        events.keys_changed(key_set, reason="asked")
        return key_set

    @property
    def keys_due(self) -> float:
        """Epoch seconds at which `refresh_keys` next has something to do by itself."""
        return min(ring.next_due for ring in self._rings.values())

    @property
    def clock(self) -> Clock:
        return self._clock

    def health(self) -> dict[str, Any]:
        """What the operator and control want to know; `keys` changes exactly when a key set does."""
        return {
            "status": "ok",
            "authority": self.authority.url,
            "directory": self._index.digest,
            "tenants": len(self._index.tenants),
            "keys": {purpose: [key.kid for key in ring.key_set.published] for purpose, ring in self._rings.items()},
        }

    # Helpers

    def refusal(self, error: OAuthError) -> Reply:
        """The reply for a refusal outside the token endpoint."""
        return self._refusal(error, trace_id=self._randomness.uuid(), correlation_id=self._randomness.uuid())

    def _issued(self, grant: AccessGrant, *, version: int, correlation_id: str | None) -> Reply:
        response, stamp = self._issuer.issue(grant)
        if version == 1:
            response = in_v1_shape(response, grant, stamp)
        correlation_id = correlation_id or self._randomness.uuid()
        events.token_issued(grant, stamp, kid=self._signer.kid, correlation_id=correlation_id)
        headers = _NOT_STORED | _ids(self._randomness.uuid(), correlation_id)
        return Reply(200, compact_json(response), headers)

    def _refused(self, error: OAuthError, asked: _Asked) -> Reply:
        trace_id = self._randomness.uuid()
        correlation_id = asked.correlation_id or self._randomness.uuid()
        events.token_refused(
            error,
            tenant=asked.tenant,
            client_id=asked.client_id,
            grant=asked.grant,
            trace_id=trace_id,
            correlation_id=correlation_id,
        )
        return self._refusal(error, trace_id=trace_id, correlation_id=correlation_id)

    def _refusal(self, error: OAuthError, *, trace_id: str, correlation_id: str) -> Reply:
        body = error.body(now=self._clock.now(), trace_id=trace_id, correlation_id=correlation_id)
        return Reply(error.kind.status, body, _NOT_STORED | _ids(trace_id, correlation_id))

    def _decide(self, call: TokenCall, asked: _Asked) -> AccessGrant:
        if call.method != "POST":
            raise OAuthError(POST_ONLY, method=call.method)
        tenant = self._tenant(call.tenant)
        asked.tenant = tenant.id
        request = read_request(call)
        asked.client_id, asked.grant = presented_client_id(request), request.optional("grant_type")
        # Node's clients send it as a form field.
        asked.correlation_id = asked.correlation_id or request_id(request.optional("client-request-id"))
        return grant_named(request.required("grant_type"))(request, self._context(tenant, request))

    def _context(self, tenant: Tenant, request: TokenRequest | None) -> GrantContext:
        return GrantContext(
            index=self._index,
            tenant=tenant,
            now=self._clock.now(),
            verifier=self._verifier,
            capabilities=client_capabilities(request) if request else (),
        )

    def _tenant(self, name: str) -> Tenant:
        if name.lower() in SHARED_NAMES:
            raise OAuthError(TENANT_MISSING, f"Name it by its id or domain in place of '{name}'.")
        return self._known_tenant(name, TENANT_UNKNOWN)

    def _shared_or_id(self, name: str) -> str:
        if name.lower() in SHARED_NAMES:
            return name.lower()
        return self._known_tenant(name, TENANT_UNKNOWN_DISCOVERY).id

    def _known_tenant(self, name: str, kind: ErrorKind) -> Tenant:
        tenant = self._index.tenant(name)
        if tenant is None:
            raise OAuthError(kind, "Name it by its id or by one of its verified domains.", tenant=name)
        return tenant


def _document(document: dict[str, Any]) -> Reply:
    return Reply(200, compact_json(document), _CACHED)


def _ids(trace_id: str, correlation_id: str) -> dict[str, str]:
    return {"x-ms-request-id": trace_id, "client-request-id": correlation_id}
