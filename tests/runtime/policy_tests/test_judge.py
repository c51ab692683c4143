"""What came, against what was expected."""

from __future__ import annotations

import pytest

from tidegate.manifests.schema.policy_test import Expected
from tidegate.runtime.policy_tests.judge import differences, judge
from tidegate.runtime.policy_tests.messages import Answer, Call

ANSWER = Answer(200, (("content-type", "application/json"), ("x-a", "1"), ("x-a", "2")), b'{"a": {"b": [1, 2]}}')
CALL = Call("GET", "/tasks?x=1", (("host", "task"), ("x-user", "ada")), b"hello")


@pytest.mark.parametrize(
    ("expected", "problems"),
    [
        ({}, []),
        ({"status": 200, "headers": {"X-A": ["1", "2"], "X-B": None}}, []),
        ({"status": 404}, ["status: expected 404, got 200"]),
        ({"headers": {"X-A": "1"}}, ["header X-A: expected '1', got '1' and '2'"]),
        ({"headers": {"X-A": None}}, ["header X-A: expected none, got '1' and '2'"]),
        ({"headers": {"X-B": "1"}}, ["header X-B: expected '1', got none"]),
        ({"json": {"a": {"b": [1, 2]}}}, []),
        ({"json": {"a": {"b": [1]}}}, ["body: $.a.b: expected 1 items, got 2: [1, 2]"]),
        ({"body": "x"}, ["body: expected 'x', got '{\"a\": {\"b\": [1, 2]}}'"]),
        ({"contains": ["[1"]}, []),
        ({"contains": ["z"]}, ["body: does not contain 'z': '{\"a\": {\"b\": [1, 2]}}'"]),
        ({"backend": "called"}, []),
        ({"backend": "not called"}, ["backend: expected it not called, there were GET task/tasks?x=1"]),
        ({"calls": []}, ["calls: expected 0, there were GET task/tasks?x=1"]),
        ({"calls": [{"path": "/tasks?x=1", "headers": {"X-User": "ada"}, "body": "hello"}]}, []),
        (
            {"calls": [{"method": "PUT", "headers": {"X-User": "eve"}}]},
            [
                "call 1: method: expected 'PUT', got 'GET'",
                "call 1: header X-User: expected 'eve', got 'ada'",
            ],
        ),
        ({"calls": [{"json": {}}]}, ["call 1: body: expected JSON, got 'hello'"]),
    ],
)
def test_every_difference_is_told(expected: dict[str, object], problems: list[str]) -> None:
    """In words, with what came instead."""
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in expected.items()}
    assert list(judge(Expected.model_validate(listed), ANSWER, [CALL])) == problems


def test_an_error_says_what_the_gateway_said() -> None:
    """A status alone helps nobody."""
    answer = Answer(500, (), b'{"message":"Internal server error"}')
    (problem,) = judge(Expected.model_validate({"status": 200}), answer, [])
    assert "Internal server error" in problem


@pytest.mark.parametrize(
    ("wanted", "got", "count"),
    [
        (1, 1, 0),
        (1, 1.0, 0),
        (1, True, 1),
        (True, 1, 1),
        (None, None, 0),
        ("1", 1, 1),
        ({}, {"a": 1}, 0),
        ({"a": 1}, {}, 1),
        ([{"a": 1}], [{"a": 1, "b": 2}], 0),
        ({"a": 1}, [1], 1),
    ],
)
def test_json_is_compared_by_value(wanted: object, got: object, count: int) -> None:
    """Objects may have further members, arrays may not; true is not 1."""
    assert len(list(differences(wanted, got, "$"))) == count
