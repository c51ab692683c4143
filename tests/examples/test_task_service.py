"""The task service: who sees and changes what, and what the other services are told."""

from __future__ import annotations

import httpx2
import pytest

from examples.tasks_world import TASK_CLIENT, World
from tidegate_auth.testing import TENANT


async def test_an_admin_creates_and_everybody_is_told(world: World) -> None:
    """The notification carries the user and the calling program, the audit entry the program and the user."""
    ada = world.user("ada", "Admin")
    outcome = await world.create("Water the plants", ada)
    task = outcome.pop("task")
    assert outcome == {"notification": "sent", "audit": "written", "problems": []}
    assert (task["title"], task["owner"], task["done"]) == ("Water the plants", "ada", False)

    asking = world.user("ada", api="api://notification", scope="Notify.Send")
    sent = (await world.client.get("/notifications", headers=asking)).json()["notifications"]
    assert [(item["user"], item["app"], item["task"]) for item in sent] == [("ada", TASK_CLIENT, task["id"])]
    assert sent[0]["message"] == "Task created: Water the plants"

    token = world.issuer.app_token(audience="api://audit", client=TASK_CLIENT, roles=["AuditLog.Write"], version=1)
    answer = await world.client.get("/audit/entries", headers={"Authorization": f"Bearer {token}"})
    entries = answer.json()["entries"]
    assert [(entry["action"], entry["app"], entry["user"], entry["tenant"]) for entry in entries] == [
        ("task.created", TASK_CLIENT, "ada", TENANT)
    ]


async def test_the_roles_reach_as_the_readme_says(world: World) -> None:
    """Admins see the tenant's tasks, Editors and Readers their own."""
    ada, eddie, rita = world.user("ada", "Admin"), world.user("eddie", "Editor"), world.user("rita", "Reader")
    await world.create("for ada", ada)
    await world.create("for eddie", eddie)
    await world.create("for rita", ada, owner="rita")

    async def titles(caller: dict[str, str]) -> list[str]:
        return [task["title"] for task in (await world.client.get("/tasks", headers=caller)).json()["tasks"]]

    assert sorted(await titles(ada)) == ["for ada", "for eddie", "for rita"]
    assert await titles(eddie) == ["for eddie"]
    assert await titles(rita) == ["for rita"]


async def test_a_reader_changes_nothing(world: World) -> None:
    """403 for each way of changing, also on a task that is theirs."""
    mine = (await world.create("for rita", world.user("ada", "Admin"), owner="rita"))["task"]["id"]
    rita = world.user("rita", "Reader")
    answers = [
        await world.client.post("/tasks", json={"title": "x"}, headers=rita),
        await world.client.patch(f"/tasks/{mine}", json={"done": True}, headers=rita),
        await world.client.put(f"/tasks/{mine}", json={"title": "x", "done": True}, headers=rita),
        await world.client.delete(f"/tasks/{mine}", headers=rita),
    ]
    assert [(answer.status_code, answer.json()["reason"]) for answer in answers] == [(403, "role")] * 4
    assert (await world.client.get(f"/tasks/{mine}", headers=rita)).json()["done"] is False


async def test_no_role_is_403(world: World) -> None:
    """A verified caller without any role sees nothing."""
    assert (await world.client.get("/tasks", headers=world.user("nora"))).status_code == 403


async def test_change_replace_and_delete(world: World) -> None:
    """Each change answers with the task as it is, and is told; deleting answers with the task as it was."""
    eddie = world.user("eddie", "Editor")
    task = (await world.create("first", eddie))["task"]
    patched = (await world.client.patch(f"/tasks/{task['id']}", json={"done": True}, headers=eddie)).json()
    assert (patched["task"]["title"], patched["task"]["done"], patched["audit"]) == ("first", True, "written")
    whole = {"title": "second", "done": False}
    replaced = (await world.client.put(f"/tasks/{task['id']}", json=whole, headers=eddie)).json()
    assert (replaced["task"]["title"], replaced["task"]["done"]) == ("second", False)
    deleted = (await world.client.delete(f"/tasks/{task['id']}", headers=eddie)).json()
    assert (deleted["task"]["title"], deleted["notification"]) == ("second", "sent")
    assert (await world.client.get(f"/tasks/{task['id']}", headers=eddie)).status_code == 404


async def test_other_peoples_tasks_do_not_exist(world: World) -> None:
    """404, so that nobody learns which ids are taken; another tenant's Admin is other people, too."""
    task = (await world.create("hers", world.user("ada", "Admin")))["task"]["id"]
    eddie = world.user("eddie", "Editor")
    token = world.issuer.user_token(audience="api://tasks", oid="fay", roles=["Admin"], tid="another-tenant")
    fay = {"Authorization": f"Bearer {token}"}
    for caller in (eddie, fay):
        assert (await world.client.get(f"/tasks/{task}", headers=caller)).status_code == 404
        assert (await world.client.patch(f"/tasks/{task}", json={"done": True}, headers=caller)).status_code == 404
        assert (await world.client.delete(f"/tasks/{task}", headers=caller)).status_code == 404
    assert (await world.client.get("/tasks", headers=fay)).json() == {"tasks": []}


async def test_only_an_admin_makes_tasks_for_others(world: World) -> None:
    """An Editor may name themselves, and nobody else."""
    eddie = world.user("eddie", "Editor")
    answer = await world.client.post("/tasks", json={"title": "x", "owner": "rita"}, headers=eddie)
    assert answer.status_code == 403
    assert (await world.create("x", eddie, owner="eddie"))["task"]["owner"] == "eddie"


async def test_failing_services_are_reported_and_undo_nothing(world: World) -> None:
    """The task stands; the answer says what was not done and why."""
    ada = world.user("ada", "Admin")
    world.edge.broken |= {"notification", "audit"}
    outcome = await world.create("still here", ada)
    assert (outcome["notification"], outcome["audit"]) == ("failed", "failed")
    assert outcome["problems"] == ["notification: answered 503", "audit: answered 503"]
    assert len((await world.client.get("/tasks", headers=ada)).json()["tasks"]) == 1


async def test_a_refused_token_is_reported_with_its_code(world: World) -> None:
    """The AADSTS code is what an administrator will search for."""
    world.issuer.clients.clear()
    outcome = await world.create("no tokens", world.user("ada", "Admin"))
    assert outcome["problems"] == ["notification: no token (AADSTS7000215)", "audit: no token (AADSTS7000215)"]


async def test_tokens_are_asked_for_once(world: World) -> None:
    """Five changes by one user need one OBO token and one of the service's own."""
    ada = world.user("ada", "Admin")
    for number in range(5):
        await world.create(f"task {number}", ada)
    assert world.issuer.requests[f"/{TENANT}/oauth2/v2.0/token"] == 2


@pytest.mark.parametrize(
    "body",
    [{}, {"title": ""}, {"title": "   "}, {"title": "x" * 201}, {"title": "x", "tenant": "y"}, {"title": 5}, []],
)
async def test_wrong_bodies_are_422(world: World, body: object) -> None:
    """Nothing is stored of them."""
    ada = world.user("ada", "Admin")
    assert (await world.client.post("/tasks", json=body, headers=ada)).status_code == 422
    assert (await world.client.get("/tasks", headers=ada)).json() == {"tasks": []}


async def test_past_the_gateway_nothing_but_health_answers(world: World) -> None:
    """Forged headers, a valid bearer, neither, broken JSON: 401 before anything is read."""
    forged = {"X-User-OID": "ada", "X-User-TID": TENANT, "X-User-Roles": "Admin"}
    async with world.direct(world.task) as client:
        for headers in (forged, world.user("ada", "Admin"), {}, {**forged, "X-Gateway-Authorization": "Bearer x"}):
            assert (await client.get("/tasks", headers=headers)).status_code == 401
            assert (await client.post("/tasks", content=b"{", headers=headers)).status_code == 401
            assert (await client.get("/docs", headers=headers)).status_code == 401
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_a_proof_for_another_backend_is_refused(world: World) -> None:
    """What the notification service was shown does not open the task service."""
    proof = world.issuer.proof(audience="notification.tasks.svc")
    headers = {"X-User-OID": "ada", "X-User-TID": TENANT, "X-User-Roles": "Admin"}
    async with world.direct(world.task) as client:
        answer: httpx2.Response = await client.get(
            "/tasks", headers={**headers, "X-Gateway-Authorization": f"Bearer {proof}"}
        )
    assert (answer.status_code, answer.json()["reason"]) == (401, "audience")
