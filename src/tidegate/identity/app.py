"""The public ASGI application: routes to the service, nothing else.

Kept apart from `internal`, which only the private socket serves: what mints tokens without credentials is not merely
forbidden here, it is not here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tidegate.identity import events
from tidegate.identity.errors import RESPONSE_UNSUPPORTED, OAuthError
from tidegate.identity.protocol.messages import MAX_BODY_BYTES, Reply, TokenCall
from tidegate.identity.service import TokenService

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_ANY_METHOD: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_public_app(service: TokenService) -> ASGIApp:
    """What clients reach over TLS."""
    return NeverSilent(Starlette(routes=public_routes(service), exception_handlers={404: not_found, 405: not_found}))


def public_routes(service: TokenService) -> list[BaseRoute]:
    """Routes in order: fixed names before tenants."""

    def reading(answer: Callable[[Request], Reply]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                return respond(answer(request))
            except OAuthError as error:
                reply = service.refusal(error)
                return respond(Reply(reply.status, reply.body, {**reply.headers, "Access-Control-Allow-Origin": "*"}))

        return endpoint

    def configuration(version: int) -> Endpoint:
        return reading(
            lambda request: service.openid_configuration(
                request.path_params["tenant"], version=version, host=request.headers.get("host", "")
            )
        )

    def keys(version: int) -> Endpoint:
        return reading(lambda request: service.tenant_keys(request.path_params["tenant"], version=version))

    def token(version: int) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            call = TokenCall(
                tenant=request.path_params["tenant"],
                version=version,
                method=request.method,
                body=await read_body(request),
                content_type=request.headers.get("content-type", ""),
                authorization=request.headers.get("authorization", ""),
                client_request_id=request.headers.get("client-request-id", ""),
            )
            return respond(service.token(call))

        return endpoint

    def refuse_sign_in(_: Request) -> Reply:
        raise OAuthError(RESPONSE_UNSUPPORTED)

    return [
        Route("/gateway/.well-known/openid-configuration", reading(lambda _: service.gateway_configuration())),
        Route("/gateway/discovery/keys", reading(lambda _: service.gateway_keys())),
        Route(
            "/common/discovery/instance",
            reading(
                lambda request: service.instance_discovery(
                    request.query_params.get("authorization_endpoint", ""), host=request.headers.get("host", "")
                )
            ),
        ),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration(2)),
        Route("/{tenant}/.well-known/openid-configuration", configuration(1)),
        Route("/{tenant}/discovery/v2.0/keys", keys(2)),
        Route("/{tenant}/discovery/keys", keys(1)),
        Route("/{tenant}/oauth2/v2.0/token", token(2), methods=_ANY_METHOD),
        Route("/{tenant}/oauth2/token", token(1), methods=_ANY_METHOD),
        Route("/{tenant}/oauth2/v2.0/authorize", reading(refuse_sign_in), methods=_ANY_METHOD),
        Route("/{tenant}/oauth2/authorize", reading(refuse_sign_in), methods=_ANY_METHOD),
    ]


async def read_body(request: Request) -> bytes:
    """The body, cut one byte above the limit: the reader refuses it, and nobody fills our memory."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                break
    except ClientDisconnect:
        return b""
    return b"".join(chunks)[: MAX_BODY_BYTES + 1]


def respond(reply: Reply) -> Response:
    return Response(reply.body, reply.status, headers=dict(reply.headers), media_type="application/json")


async def not_found(_: Request, __: Exception) -> Response:
    """No such path, or no such method there."""
    body = b'{"error":"invalid_request","error_description":"This version of the token service has no such endpoint."}'
    return respond(Reply(404, body, {"Cache-Control": "no-store"}))


class NeverSilent:
    """The outermost layer: our own bugs are logged by kind and place, and answered without their text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: object) -> None:
            nonlocal started
            started = True
            await send(message)  # type: ignore[arg-type]  # passed through as it came

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # the ASGI top (style guide 5.2)
            events.request_failed(path=scope.get("path", ""), error=error)
            if started:
                raise
            body = b'{"error":"server_error","error_description":"AADSTS50000: The token service has a bug."}'
            await respond(Reply(500, body, {"Cache-Control": "no-store"}))(scope, receive, send)
