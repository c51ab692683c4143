"""The example's services, made and joined for each test."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from joserfc.jwk import RSAKey

from examples.tasks_world import TASK_CLIENT, Edge, World
from tidegate_auth import Auth, AuthSettings, ClientSettings, Mode
from tidegate_auth.testing import AUTHORITY, TENANT, Issuer, ManualClock, new_key

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
# As uvicorn does it: the services run with this directory as theirs.
sys.path.insert(0, str(EXAMPLES / "tasks" / "services"))

from audit_service.app import create_app as create_audit  # noqa: E402 - needs the path above
from notification_service.app import create_app as create_notification  # noqa: E402 - needs the path above
from task_service.app import create_app as create_task  # noqa: E402 - needs the path above
from task_service.settings import TaskSettings  # noqa: E402 - needs the path above


@pytest.fixture(scope="session")
def keys() -> tuple[RSAKey, RSAKey]:
    """A tenant's key and a gateway's: made once, since that is slow."""
    return new_key("tenant-1"), new_key("gateway-1")


@pytest.fixture
async def world(tmp_path: Path, keys: tuple[RSAKey, RSAKey]) -> AsyncIterator[World]:
    clock = ManualClock()
    issuer = Issuer(
        clock=clock,
        clients={TASK_CLIENT: "secret"},
        app_roles={TASK_CLIENT: ["AuditLog.Write"]},
        tenant_key=keys[0],
        gateway_key=keys[1],
    )
    edge = Edge(issuer)

    def behind_gateway(name: str) -> Auth:
        settings = AuthSettings(mode=Mode.GATEWAY, authority=AUTHORITY, audience=f"{name}.tasks.svc")
        return Auth(settings, clock=clock, transport=issuer.transport())

    audit_settings = AuthSettings(mode=Mode.JWT, authority=AUTHORITY, tenant_id=TENANT, api_audiences=("api://audit",))
    task_auth = behind_gateway("task")
    settings = TaskSettings(
        auth=task_auth.settings,
        client=ClientSettings(tenant_id=TENANT, client_id=TASK_CLIENT, client_secret="secret", authority=AUTHORITY),
        gateway_url="http://edge.test",
        database=tmp_path / "tasks.sqlite3",
    )
    task = create_task(settings, auth=task_auth, issuer=issuer.transport(), gateway=httpx2.ASGITransport(edge))
    notification = create_notification(auth=behind_gateway("notification"))
    audit = create_audit(auth=Auth(audit_settings, clock=clock, transport=issuer.transport()))
    edge.services |= {"task": task, "notification": notification, "audit": audit}
    async with AsyncExitStack() as stack:
        for app in (task, notification, audit):
            await stack.enter_async_context(app.router.lifespan_context(app))
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(edge), base_url="http://edge.test")
        await stack.enter_async_context(client)
        yield World(issuer, edge, task, audit, client)
