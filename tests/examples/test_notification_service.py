"""The notification service: sending needs the delegated scope, and each user sees their own."""

from __future__ import annotations

from examples.tasks_world import World


async def test_sending_needs_the_scope(world: World) -> None:
    """A user's token without Notify.Send, and a program's own token, get 403."""
    without = world.user("ada", api="api://notification", scope="Other")
    program = {"Authorization": f"Bearer {world.issuer.app_token(audience='api://notification')}"}
    for caller in (without, program):
        answer = await world.client.post("/notifications", json={"message": "hello"}, headers=caller)
        assert (answer.status_code, answer.json()["reason"]) == (403, "scope")


async def test_the_user_comes_from_the_token(world: World) -> None:
    """A body that names another user is refused; each user reads their own messages only."""
    ada, eddie = (world.user(name, api="api://notification", scope="Notify.Send") for name in ("ada", "eddie"))
    forged = {"message": "hello", "user": "eddie"}
    assert (await world.client.post("/notifications", json=forged, headers=ada)).status_code == 422
    sent = await world.client.post("/notifications", json={"message": "hello"}, headers=ada)
    assert (sent.status_code, sent.json()["user"], sent.json()["app"]) == (201, "ada", "spa")
    assert len((await world.client.get("/notifications", headers=ada)).json()["notifications"]) == 1
    assert (await world.client.get("/notifications", headers=eddie)).json() == {"notifications": []}
