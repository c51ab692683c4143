"""Real Envoy: what it answers on its own is in our shape and words."""

from __future__ import annotations

import json

import pytest

from real_envoy import free_port, get, serving
from tidegate.envoy.local_replies import MESSAGES, REPLY_HEADER, local_reply_config
from tidegate.model import Respond
from worlds import backend, compiled, forward, http, route, world

pytestmark = pytest.mark.e2e


async def test_every_answer_of_envoys_own_is_ours() -> None:
    """No route, no endpoint, nobody listening, a share without a backend, an escaped slash."""
    nobody = backend("nobody", free_port())
    empty = backend("empty")
    this = world(
        http(
            route("empty", forward(empty), path="/empty"),
            route("nobody", forward(nobody), path="/nobody"),
            route("unresolved", forward(None), path="/unresolved"),
        ),
        backends=(nobody, empty),
    )
    port = free_port()
    async with serving(compiled(this, port_offset=port - 80).snapshot):
        for path, status in (
            ("/none", 404),
            ("/empty", 503),
            ("/nobody", 503),
            ("/unresolved", 500),
            ("/a%2fb", 400),
        ):
            answer = await get(port, path)
            assert (answer.status, answer.headers["content-type"]) == (status, "application/json"), path
            assert json.loads(answer.body) == {"statusCode": status, "message": MESSAGES[status]}
            assert REPLY_HEADER not in answer.headers


async def test_answers_that_were_asked_for_are_left_alone() -> None:
    """Those of routes, whatever their status, body and type."""
    this = world(
        http(
            route("teapot", Respond(503, "short and stout", "text/plain"), path="/tea"),
            route("empty", Respond(503), path="/empty"),
        ),
        unmatched_body='{"mine":true}',
    )
    port = free_port()
    async with serving(compiled(this, port_offset=port - 80).snapshot):
        tea = await get(port, "/tea")
        assert (tea.status, tea.headers["content-type"], tea.body) == (503, "text/plain", "short and stout")
        empty = await get(port, "/empty")
        assert (empty.status, empty.body) == (503, "")
        missing = await get(port, "/none")
        assert (missing.status, missing.headers["content-type"], missing.body) == (
            404,
            "application/json",
            '{"mine":true}',
        )


def test_no_message_needs_escaping() -> None:
    """They are put into JSON and into Envoy's format strings as they are."""
    assert not [message for message in MESSAGES.values() if set(message) & set('"\\%')]
    assert len(local_reply_config()["mappers"]) == 2 * (len(MESSAGES) + 1)
