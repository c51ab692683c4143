"""The pure-ASGI way: nothing behind it is reached without a verified caller."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from tidegate_auth.auth import Auth, problem_response
from tidegate_auth.errors import AuthProblem

WEBSOCKET_POLICY_VIOLATION = 1008


class AuthMiddleware:
    """Verifies every request and WebSocket but those to `public` paths (compared exactly).

    `auth.caller(request)` gives the caller further in, at no cost.
    """

    def __init__(self, app: ASGIApp, *, auth: Auth, public: Collection[str] = ()) -> None:
        self._app = app
        self._auth = auth
        self._public = frozenset(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and scope["path"] not in self._public:
            try:
                await self._auth.caller(HTTPConnection(scope))
            except AuthProblem as problem:
                await _refuse(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _refuse(problem: AuthProblem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem_response(problem)(scope, receive, send)
        return
    # Closing before accepting makes the server answer the handshake with 403.
    await send({"type": "websocket.close", "code": WEBSOCKET_POLICY_VIOLATION, "reason": problem.reason})
