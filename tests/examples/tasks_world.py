"""The example's three services in one process, joined by a stand-in for the gateway; the issuer is real."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tidegate_auth.testing import Issuer

TASK_CLIENT = "task-client-id"


def identity_headers(token: str) -> list[tuple[bytes, bytes]]:
    """What the example's policies set from a checked token."""
    body = token.split(".")[1]
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    values = {
        "x-user-oid": claims.get("oid", ""),
        "x-user-tid": claims.get("tid", ""),
        "x-user-name": claims.get("name", ""),
        "x-user-roles": ",".join(claims.get("roles", [])),
        "x-user-scopes": claims.get("scp", ""),
        "x-client-app-id": claims.get("azp", ""),
    }
    return [(name.encode(), value.encode()) for name, value in values.items()]


@dataclass
class Edge:
    """Routes by path and adds headers and proof, as the gateway does; it checks nothing, so that the services must."""

    issuer: Issuer
    services: dict[str, ASGIApp] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = {"/notifications": "notification", "/audit": "audit", "/tasks": "task"}[
            next(prefix for prefix in ("/notifications", "/audit", "/tasks") if scope["path"].startswith(prefix))
        ]
        self.calls.append(name)
        if name in self.broken:
            await PlainTextResponse("no", status_code=503)(scope, receive, send)
            return
        token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        proof = self.issuer.proof(audience=f"{name}.tasks.svc")
        identity = identity_headers(token) if token else []
        vouched = b",".join(name for name, _ in identity).lower()
        added = [
            (b"x-gateway-authorization", f"Bearer {proof}".encode()),
            *([(b"x-gateway-headers", vouched)] if identity else []),
            *identity,
        ]
        await self.services[name]({**scope, "headers": [*scope["headers"], *added]}, receive, send)


@dataclass
class World:
    issuer: Issuer
    edge: Edge
    task: ASGIApp
    audit: ASGIApp
    client: httpx2.AsyncClient
    """Through the gateway."""

    def user(self, name: str, *roles: str, api: str = "api://tasks", scope: str = "Tasks.ReadWrite") -> dict[str, str]:
        token = self.issuer.user_token(audience=api, oid=name, roles=roles, scopes=[scope])
        return {"Authorization": f"Bearer {token}"}

    def direct(self, app: ASGIApp) -> httpx2.AsyncClient:
        """Straight to a service, past the gateway."""
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://direct.test")

    async def create(self, title: str, caller: dict[str, str], **body: str) -> Any:
        answer = await self.client.post("/tasks", json={"title": title, **body}, headers=caller)
        assert answer.status_code == 201, answer.text
        return answer.json()
