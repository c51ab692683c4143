"""Tokens for calling on: on behalf of a user, or as the service itself. Client secret post (RFC 6749 section 2.3.1)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from functools import partial
from types import TracebackType
from typing import Self

import httpx2

from tidegate_auth.caller import BearerToken
from tidegate_auth.clock import Clock, SystemClock
from tidegate_auth.errors import IssuerUnreachable, TokenRequestFailed
from tidegate_auth.settings import ClientSettings
from tidegate_auth.token_cache import AccessToken, TokenCache
from tidegate_auth.transport import JsonClient

MAX_USER_TOKENS = 1000
MIN_LIFETIME_S = 1.0


class _TokenClient:
    def __init__(
        self,
        settings: ClientSettings,
        *,
        scope: str,
        clock: Clock | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        capacity: int,
    ) -> None:
        self._settings = settings
        self._scope = scope
        self._clock = clock or SystemClock()
        self._client = JsonClient(ca_file=settings.ca_file, transport=transport)
        self._cache = TokenCache(clock=self._clock, capacity=capacity)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _request(self, grant: Mapping[str, str]) -> AccessToken:
        settings = self._settings
        url = f"{settings.authority}/{settings.tenant_id}/oauth2/v2.0/token"
        form = {
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "scope": self._scope,
            **grant,
        }
        sent_at = self._clock.now()
        status, answer = await self._client.post_form(url, form)
        if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise IssuerUnreachable(f"{url} answered {status}")
        if status != httpx2.codes.OK:
            raise _failure(status, answer)
        token, lifetime = answer.get("access_token"), answer.get("expires_in")
        usable = isinstance(token, str) and isinstance(lifetime, int) and lifetime >= MIN_LIFETIME_S
        if not usable or str(answer.get("token_type")).lower() != "bearer":
            raise IssuerUnreachable(f"{url} did not answer with a bearer token")
        return AccessToken(value=str(token), expires_at=sent_at + float(str(lifetime)))


class ClientCredentials(_TokenClient):
    """Tokens for this service itself. `scope` is `RESOURCE/.default`, such as `api://audit/.default`."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        scope: str,
        clock: Clock | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(settings, scope=scope, clock=clock, transport=transport, capacity=1)

    async def token(self) -> AccessToken:
        """A token that is good for a while. Raises TokenRequestFailed, IssuerUnreachable."""
        return await self._cache.get("", self._fetch)

    def auth(self) -> httpx2.Auth:
        """For `httpx2.AsyncClient(auth=...)`."""
        return _BearerAuth(get=self.token, forget=self.forget)

    def forget(self, token: AccessToken) -> None:
        """The token was refused: the next one is asked for anew."""
        self._cache.forget("", token)

    async def _fetch(self) -> AccessToken:
        return await self._request({"grant_type": "client_credentials"})


class OnBehalfOf(_TokenClient):
    """Tokens for calling `scope` on behalf of users who called this service: RFC 7523's grant, as Entra extends it."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        scope: str,
        clock: Clock | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        capacity: int = MAX_USER_TOKENS,
    ) -> None:
        super().__init__(settings, scope=scope, clock=clock, transport=transport, capacity=capacity)

    async def token(self, assertion: BearerToken) -> AccessToken:
        """A token for the user whose bearer is `assertion`. Raises TokenRequestFailed, IssuerUnreachable."""

        async def fetch() -> AccessToken:
            return await self._request(
                {
                    "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                    "requested_token_use": "on_behalf_of",
                    "assertion": assertion.reveal(),
                }
            )

        return await self._cache.get(_digest(assertion), fetch)

    def auth(self, assertion: BearerToken) -> httpx2.Auth:
        """For `client.post(..., auth=on_behalf_of.auth(caller.token))`."""
        return _BearerAuth(get=partial(self.token, assertion), forget=partial(self.forget, assertion))

    def forget(self, assertion: BearerToken, token: AccessToken) -> None:
        """The token was refused: the next one is asked for anew."""
        self._cache.forget(_digest(assertion), token)


class _BearerAuth(httpx2.Auth):
    """Puts a token on each request.

    A 401 makes the token forgotten; the request is not repeated, since only the service knows whether it may be.
    """

    def __init__(self, *, get: Callable[[], Awaitable[AccessToken]], forget: Callable[[AccessToken], None]) -> None:
        self._get = get
        self._forget = forget

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        raise RuntimeError(f"tokens are fetched asynchronously: ask {request.url.host} with httpx2.AsyncClient")

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        token = await self._get()
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            self._forget(token)


def _failure(status: int, answer: Mapping[str, object]) -> TokenRequestFailed:
    codes = answer.get("error_codes")
    correlation_id = answer.get("correlation_id")
    return TokenRequestFailed(
        error=str(answer.get("error", "unknown_error")),
        description=str(answer.get("error_description", "")),
        status=status,
        codes=[code for code in codes if isinstance(code, int)] if isinstance(codes, list) else (),
        correlation_id=correlation_id if isinstance(correlation_id, str) else None,
    )


def _digest(assertion: BearerToken) -> bytes:
    """A user's token is a key by its digest only: a dump of the cache must not hold other people's bearers."""
    return hashlib.sha256(assertion.reveal().encode()).digest()
