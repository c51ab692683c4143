"""The audit service checks its callers itself: the same answers with and without the gateway in front."""

from __future__ import annotations

from examples.tasks_world import World
from tidegate_auth.testing import TENANT

ENTRY = {"action": "task.created", "user": "ada", "tenant": TENANT, "target": "1"}


def program(world: World, *roles: str, name: str = "worker") -> dict[str, str]:
    token = world.issuer.app_token(audience="api://audit", client=name, roles=roles, version=1)
    return {"Authorization": f"Bearer {token}"}


async def test_writing_needs_the_app_role(world: World) -> None:
    """A valid token without AuditLog.Write: 403, called directly."""
    async with world.direct(world.audit) as client:
        refused = await client.post("/audit/entries", json=ENTRY, headers=program(world))
        assert (refused.status_code, refused.json()["reason"]) == (403, "role")
        accepted = await client.post("/audit/entries", json=ENTRY, headers=program(world, "AuditLog.Write"))
        assert (accepted.status_code, accepted.json()["app"]) == (201, "worker")


async def test_headers_and_proofs_mean_nothing_here(world: World) -> None:
    """Even the gateway's own proof does not stand for a token."""
    headers = {
        "X-User-OID": "worker",
        "X-User-Roles": "AuditLog.Write",
        "X-Gateway-Authorization": f"Bearer {world.issuer.proof(audience='audit.tasks.svc')}",
    }
    async with world.direct(world.audit) as client:
        assert (await client.post("/audit/entries", json=ENTRY, headers=headers)).status_code == 401


async def test_a_user_is_no_program(world: World) -> None:
    """A user whose token carries the role is refused all the same."""
    user = world.user("ada", "AuditLog.Write", api="api://audit")
    assert (await world.client.post("/audit/entries", json=ENTRY, headers=user)).status_code == 403


async def test_a_program_reads_back_its_own(world: World) -> None:
    """Entries of another program are not shown."""
    await world.client.post("/audit/entries", json=ENTRY, headers=program(world, "AuditLog.Write", name="one"))
    one, two = (program(world, "AuditLog.Write", name=name) for name in ("one", "two"))
    assert len((await world.client.get("/audit/entries", headers=one)).json()["entries"]) == 1
    assert (await world.client.get("/audit/entries", headers=two)).json() == {"entries": []}
