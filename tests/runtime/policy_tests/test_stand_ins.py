"""What stands in for backends and services."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tidegate.manifests.schema.policy_test import CaseAnswer
from tidegate.runtime.policy_tests.messages import Call
from tidegate.runtime.policy_tests.stand_ins import StandIns, standing_in


def answers(*bodies: object) -> list[CaseAnswer]:
    return [CaseAnswer.model_validate(body) for body in bodies]


def call(path: str = "/", method: str = "GET", host: str = "a.test") -> Call:
    return Call(method, path, (("host", host),), b"")


def test_the_first_answer_that_matches_is_given_as_often_as_it_may() -> None:
    """Then the next; without any, an empty 200."""
    stand_ins = StandIns()
    stand_ins.begin(answers({"status": 500, "times": 2}, {"status": 201, "match": {"path": "/a/*", "method": "GET"}}))
    given = [stand_ins.answer_to(call(path)).status for path in ("/", "/a/b?x=1", "/a/b?x=1", "/b")]
    assert given == [500, 500, 201, 200]


@pytest.mark.parametrize(
    ("match", "is_met"),
    [
        ({}, True),
        ({"host": "a.test"}, True),
        ({"host": "b.test"}, False),
        ({"path": "/x"}, True),
        ({"path": "/y"}, False),
        ({"path": "/*"}, True),
        ({"method": "POST"}, False),
    ],
)
def test_what_an_answer_is_for(match: dict[str, str], is_met: bool) -> None:
    """All that is said must hold; the query does not count."""
    stand_ins = StandIns()
    stand_ins.begin(answers({"status": 204, "match": match}))
    assert (stand_ins.answer_to(call("/x?q=1")).status == 204) == is_met


async def test_a_connection_serves_several_calls(tmp_path: Path) -> None:
    """Bodies of either framing are kept; HEAD gets no body; rubbish ends the connection."""
    async with standing_in(tmp_path / "s") as stand_ins:
        stand_ins.begin(answers({"json": {"a": 1}}))
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(b"POST /a HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        writer.write(b"HEAD /b HTTP/1.1\r\nhost: a.test\r\n\r\n")
        first = await reader.readuntil(b'{"a": 1}')
        second = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"rubbish\r\n\r\n")
        rest = await reader.read()
        writer.close()
    assert first.startswith(b"HTTP/1.1 200")
    assert b"content-type: application/json" in first
    assert second.startswith(b"HTTP/1.1 200")
    assert rest == b""
    assert [(one.method, one.path, one.body) for one in stand_ins.calls] == [
        ("POST", "/a", b"abc"),
        ("HEAD", "/b", b""),
    ]
