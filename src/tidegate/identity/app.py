"""The public ASGI application: routes to the service, nothing else.

Kept apart from `internal`, which only the private socket serves: what mints tokens without credentials is not merely
forbidden here, it is not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidegate.identity import events
from tidegate.identity.errors import REQUEST_MALFORMED, RESPONSE_UNSUPPORTED, OAuthError
from tidegate.identity.protocol.messages import MAX_BODY_BYTES, Reply, TokenCall
from tidegate.identity.service import TokenService

Answer: TypeAlias = Callable[[Request], Awaitable[Reply]]

BODY_S: Final = 10.0
"""How long a body of at most 64 KiB may take to arrive."""
EVERY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_READING: Final = frozenset({"GET", "HEAD"})
_NOT_STORED: Final = {"Cache-Control": "no-store"}
NOT_FOUND: Final = Reply(
    404,
    b'{"error":"invalid_request","error_description":"This version of the token service has no such endpoint."}',
    _NOT_STORED,
)
_BUG: Final = Reply(
    500, b'{"error":"server_error","error_description":"The token service failed; its log says where."}', _NOT_STORED
)


def create_public_app(service: TokenService) -> ASGIApp:
    """What clients reach over TLS."""
    return Application(public_routes(service))


class Application:
    """Routes, and the outermost layer: our own bugs are logged by kind and place, and answered without their text."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        async def nothing_there(scope: Scope, receive: Receive, send: Send) -> None:
            await respond(NOT_FOUND)(scope, receive, send)

        # A Router and not a Starlette: the latter answers our bugs itself, with their text in the log.
        self._router = Router(routes, default=nothing_there, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served, got {scope['type']}")
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._router(scope, receive, watched)
        except Exception as error:  # the ASGI top: one of three places that may
            events.request_failed(path=scope["path"], error=error)
            if started:
                raise
            await respond(_BUG)(scope, receive, send)


def public_routes(service: TokenService) -> list[BaseRoute]:
    """Routes in order: fixed names before tenants."""

    def reading(path: str, answer: Callable[[Request], Reply]) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.method not in _READING:
                return respond(NOT_FOUND)
            try:
                return respond(answer(request))
            except OAuthError as error:
                # Browsers fetch metadata from other origins, and must be able to read a refusal too.
                reply = service.refusal(error)
                return respond(Reply(reply.status, reply.body, {**reply.headers, "Access-Control-Allow-Origin": "*"}))

        return Route(path, endpoint, methods=EVERY_METHOD)

    def configuration(path: str, *, version: int) -> Route:
        return reading(
            path,
            lambda request: service.openid_configuration(
                request.path_params["tenant"], version=version, host=_host(request)
            ),
        )

    def keys(path: str, *, version: int) -> Route:
        return reading(path, lambda request: service.tenant_keys(request.path_params["tenant"], version=version))

    def instance(request: Request) -> Reply:
        endpoint = request.query_params.get("authorization_endpoint", "")
        return service.instance_discovery(endpoint, host=_host(request))

    def refuse_sign_in(_: Request) -> Reply:
        raise OAuthError(RESPONSE_UNSUPPORTED)

    return [
        reading("/gateway/.well-known/openid-configuration", lambda _: service.gateway_configuration()),
        reading("/gateway/discovery/keys", lambda _: service.gateway_keys()),
        reading("/common/discovery/instance", instance),
        configuration("/{tenant}/v2.0/.well-known/openid-configuration", version=2),
        configuration("/{tenant}/.well-known/openid-configuration", version=1),
        keys("/{tenant}/discovery/v2.0/keys", version=2),
        keys("/{tenant}/discovery/keys", version=1),
        _token_route("/{tenant}/oauth2/v2.0/token", service, version=2),
        _token_route("/{tenant}/oauth2/token", service, version=1),
        reading("/{tenant}/oauth2/v2.0/authorize", refuse_sign_in),
        reading("/{tenant}/oauth2/authorize", refuse_sign_in),
    ]


def _token_route(path: str, service: TokenService, *, version: int) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            body = await read_body(request)
        except ClientDisconnect:
            return respond(NOT_FOUND)  # nobody is left to read it
        except OAuthError as error:
            return respond(service.refusal(error))
        call = TokenCall(
            tenant=request.path_params["tenant"],
            version=version,
            method=request.method,
            body=body,
            content_type=request.headers.get("content-type", ""),
            authorization=request.headers.get("authorization", ""),
            client_request_id=request.headers.get("client-request-id", ""),
        )
        return respond(service.token(call))

    return Route(path, endpoint, methods=EVERY_METHOD)


async def read_body(request: Request) -> bytes:
    """The body, cut one byte above the limit: the reader refuses it, and nobody fills our memory.

    OAuthError: it takes too long to arrive.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    break
    except TimeoutError:
        raise OAuthError(REQUEST_MALFORMED, f"Its body did not arrive within {BODY_S:.0f} s.") from None
    return b"".join(chunks)[: MAX_BODY_BYTES + 1]


def respond(reply: Reply) -> Response:
    return Response(reply.body, reply.status, headers=dict(reply.headers), media_type="application/json")


def _host(request: Request) -> str:
    return request.headers.get("host", "")
