"""`Auth`: what a FastAPI or Starlette service uses. It decides nothing itself; callers.py does."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeAlias

import httpx2
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from tidegate_auth.caller import Caller
from tidegate_auth.callers import (
    AccessTokens,
    CredentialsMissing,
    GatewayProofs,
    RawHeaders,
    caller_from_bearer,
    caller_from_gateway,
)
from tidegate_auth.clock import Clock, SystemClock
from tidegate_auth.errors import AuthProblem, IssuerUnreachable, TokenRejected, forbidden, unauthenticated, unavailable
from tidegate_auth.issuers import gateway_issuer, tenant_issuers
from tidegate_auth.settings import AuthSettings, Mode
from tidegate_auth.transport import JsonClient

SCOPE_KEY = "tidegate_auth"
"""Where the ASGI scope keeps a request's caller, so that it is verified once however many dependencies ask."""
Dependency: TypeAlias = Callable[[HTTPConnection], Awaitable[Caller]]
_log = logging.getLogger("tidegate_auth")


class Auth:
    """Verified callers. One per service; `aclose` (or `async with`) ends its connections to the issuer."""

    def __init__(
        self,
        settings: AuthSettings,
        *,
        clock: Clock | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`clock` and `transport` are for tests; the defaults are the machine's clock and network."""
        clock = clock or SystemClock()
        self.settings = settings
        self._client = JsonClient(ca_file=settings.ca_file, transport=transport)
        self._identify = _identify(settings, clock=clock, client=self._client)

    async def caller(self, connection: HTTPConnection) -> Caller:
        """The verified caller: `Depends(auth.caller)`. Raises AuthProblem (401, or 503 while the issuer is away)."""
        known = connection.scope.get(SCOPE_KEY)
        if isinstance(known, tuple) and known[0] is self and isinstance(known[1], Caller):
            return known[1]
        try:
            caller = await self._identify(connection.headers.raw)
        except CredentialsMissing as error:
            raise unauthenticated(error.reason, error.detail, presented=False) from error
        except TokenRejected as error:
            _log.info("caller.refused", extra={"reason": error.reason})
            raise unauthenticated(error.reason, error.detail) from error
        except IssuerUnreachable as error:
            _log.warning("issuer.unreachable", extra={"detail": str(error)})
            raise unavailable("the caller cannot be verified at the moment") from error
        connection.scope[SCOPE_KEY] = (self, caller)
        return caller

    def require_role(self, *names: str) -> Dependency:
        """A dependency: the caller holds at least one of these app roles, else 403."""
        if not names:
            raise ValueError("require_role needs at least one role")

        async def require_role(connection: HTTPConnection) -> Caller:
            caller = await self.caller(connection)
            if not caller.has_role(*names):
                raise forbidden("role", f"one of these roles is needed: {', '.join(names)}")
            return caller

        return require_role

    def require_scope(self, *names: str) -> Dependency:
        """A dependency: a user delegated at least one of these permissions, else 403."""
        if not names:
            raise ValueError("require_scope needs at least one scope")

        async def require_scope(connection: HTTPConnection) -> Caller:
            caller = await self.caller(connection)
            if not caller.has_scope(*names):
                raise forbidden("scope", f"one of these permissions is needed: {', '.join(names)}", scopes=names)
            return caller

        return require_scope

    def install(self, app: Starlette) -> None:
        """Make `app` (FastAPI is one) answer refusals with a problem body."""
        app.add_exception_handler(AuthProblem, answer_problem)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def problem_response(problem: AuthProblem) -> JSONResponse:
    """RFC 9457."""
    return JSONResponse(
        problem.body(),
        status_code=problem.status_code,
        headers={**(problem.headers or {}), "Cache-Control": "no-store"},
        media_type="application/problem+json",
    )


async def answer_problem(_request: Request, problem: Exception) -> Response:
    """The exception handler that `Auth.install` registers."""
    if not isinstance(problem, AuthProblem):
        raise TypeError(f"answer_problem is for AuthProblem, got {type(problem).__name__}") from problem
    return problem_response(problem)


def _identify(settings: AuthSettings, *, clock: Clock, client: JsonClient) -> Callable[[RawHeaders], Awaitable[Caller]]:
    if settings.mode is Mode.GATEWAY:
        proofs = GatewayProofs(
            source=gateway_issuer(authority=settings.gateway_authority, fetch=client, clock=clock),
            audience=settings.audience or "",
            leeway_s=settings.leeway_s,
            clock=clock,
        )

        async def from_gateway(raw: RawHeaders) -> Caller:
            return await caller_from_gateway(raw, proofs=proofs, names=settings.headers)

        return from_gateway

    tenant_id = settings.tenant_id or ""
    tokens = AccessTokens(
        sources=tenant_issuers(authority=settings.authority, tenant_id=tenant_id, fetch=client, clock=clock),
        tenant_id=tenant_id,
        audiences=settings.api_audiences,
        leeway_s=settings.leeway_s,
        clock=clock,
    )

    async def from_bearer(raw: RawHeaders) -> Caller:
        return await caller_from_bearer(raw, tokens=tokens)

    return from_bearer
