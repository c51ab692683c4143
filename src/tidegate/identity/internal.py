"""The operator's ASGI application. Served on the private Unix socket only: who may open it owns the state directory."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tidegate.identity.app import EVERY_METHOD, NOT_FOUND, Answer, Application, public_routes, read_body, respond
from tidegate.identity.errors import PARAMETER_MISSING, REQUEST_MALFORMED, OAuthError
from tidegate.identity.protocol.messages import MAX_BODY_BYTES, Reply
from tidegate.identity.protocol.operator import OperatorRequest
from tidegate.identity.service import TokenService
from tidegate.keys import PURPOSES, TENANTS, KeyStoreError

_MAX_AUDIENCES: Final = 10_000

GATEWAY_IDENTITY: Final = "tidegate-gateway"
"""The display name of the application that is the gateway's own identity."""


def create_internal_app(service: TokenService) -> ASGIApp:
    """The operator's routes, and the public ones: control reads the metadata over the socket."""
    operator = _Operator(service)
    return Application(
        [
            operator.route("GET", "/internal/health", operator.health),
            operator.route("POST", "/internal/tokens", operator.tokens),
            operator.route("POST", "/internal/proofs", operator.proofs),
            operator.route("GET", "/internal/managed-identity", operator.managed_identity),
            operator.route("POST", "/internal/keys/rotate", operator.rotate),
            operator.route("POST", "/internal/reload", operator.reload),
            *public_routes(service),
        ]
    )


class _Operator:
    """One method for each route: from the members of the body to the members of the answer, or an OAuthError."""

    def __init__(self, service: TokenService) -> None:
        self._service = service

    def route(self, method: str, path: str, answer: Answer) -> Route:
        """The route of one method: its refusals become replies."""

        async def endpoint(request: Request) -> Response:
            if request.method != method:
                return respond(NOT_FOUND)
            try:
                return respond(await answer(request))
            except OAuthError as error:
                return respond(self._service.refusal(error))
            except KeyStoreError as error:
                return respond(_json(500, {"error": "server_error", "error_description": str(error)}))

        return Route(path, endpoint, methods=EVERY_METHOD)

    async def health(self, _: Request) -> Reply:
        return _json(200, self._service.health())

    async def tokens(self, request: Request) -> Reply:
        """{scope, user | app, tenant?, client?} -> a token response or an error, both as at the token endpoint."""
        body = await _members(request, ("scope", "user", "app", "tenant", "client"))
        texts = {"scope": ""} | {name: _text(value, name) for name, value in body.items()}
        return self._service.operator_token(OperatorRequest(**texts))

    async def proofs(self, request: Request) -> Reply:
        """{audiences: [...]} -> {tokens: {audience: proof}, expires_in}."""
        audiences = (await _members(request, ("audiences",))).get("audiences")
        if not isinstance(audiences, list) or len(audiences) > _MAX_AUDIENCES:
            raise OAuthError(REQUEST_MALFORMED, f"'audiences' must be a list of at most {_MAX_AUDIENCES}.")
        wanted = list(dict.fromkeys(_text(audience, "audiences") for audience in audiences))
        # Off the loop: a hundred proofs are a hundred signatures.
        return _json(200, await asyncio.to_thread(self._service.proofs, wanted))

    async def managed_identity(self, request: Request) -> Reply:
        """?resource=...[&client_id=...] -> a token response: what the gateway gets in the name of an application.

        Without a client_id it is the application named GATEWAY_IDENTITY, as a system-assigned identity.
        """
        resource, client = request.query_params.get("resource", ""), request.query_params.get("client_id", "")
        if not resource:
            raise OAuthError(PARAMETER_MISSING, name="resource")
        scope = f"{resource.removesuffix('/.default').rstrip('/')}/.default"
        return self._service.operator_token(OperatorRequest(scope=scope, app=client or GATEWAY_IDENTITY))

    async def rotate(self, request: Request) -> Reply:
        """{purpose?} -> {purpose, keys: {state: [kid]}}. Without a purpose: the tenants' keys."""
        purpose = _text((await _members(request, ("purpose",))).get("purpose", TENANTS), "purpose")
        if purpose not in PURPOSES:
            raise OAuthError(REQUEST_MALFORMED, f"'purpose' must be one of {', '.join(PURPOSES)}.")
        key_set = await asyncio.to_thread(self._service.rotate_keys, purpose)
        keys: dict[str, list[str]] = {}
        for record in key_set.records:
            keys.setdefault(record.state.value, []).append(record.kid)
        return _json(200, {"purpose": purpose, "keys": keys})

    async def reload(self, _: Request) -> Reply:
        """Read the directory now. 409: it is malformed, the last good one stays."""
        accepted = await asyncio.to_thread(self._service.reload)
        return _json(200 if accepted else 409, {"accepted": accepted, "directory": self._service.health()["directory"]})


async def _members(request: Request, allowed: tuple[str, ...]) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    data = await read_body(request)
    if len(data) > MAX_BODY_BYTES:
        raise OAuthError(REQUEST_MALFORMED, f"A request body may have {MAX_BODY_BYTES} bytes.")
    try:
        body = json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise OAuthError(REQUEST_MALFORMED, "The body must be a JSON object.")
    unknown = body.keys() - set(allowed)
    if unknown:
        raise OAuthError(REQUEST_MALFORMED, f"'{min(unknown)[:40]}' is not one of {', '.join(allowed)}.")
    # null is how some writers leave a member out.
    return {name: value for name, value in body.items() if value is not None}


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise OAuthError(REQUEST_MALFORMED, f"'{name}' must be text.")
    return value


def _json(status: int, document: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(document).encode("ascii"), {"Cache-Control": "no-store"})
