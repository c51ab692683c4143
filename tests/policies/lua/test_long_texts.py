"""Texts that somebody made long, so that looking through them or joining them stops a worker."""

from __future__ import annotations

import time

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime

LONG = "new string('a', 2000000)"
PART = "new string('a', 1000000) + \"b\""


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


@pytest.mark.parametrize(
    "expression",
    [
        f"{LONG}.IndexOf({PART}).ToString()",
        f"{LONG}.IndexOf({PART}, 5).ToString()",
        f"{LONG}.LastIndexOf(\"b\" + new string('a', 1000000)).ToString()",
        f"{LONG}.Contains({PART}).ToString()",
        f'{LONG}.Replace({PART}, "")',
        f"{LONG}.Split(new string[] {{ {PART} }}, StringSplitOptions.None).Length.ToString()",
        "(1).ToString(new string('0', 10000000)).Length.ToString()",
        "Enumerable.Range(0, 40).Aggregate(new string('a', 1000), (s, i) => s + s)",
        '{ var s = "ab"; while (s != "") { s = s + s; } return s; }',
        '{ var s = "ab"; foreach (var i in Enumerable.Range(0, 60)) { s += s; } return s; }',
        '{ var s = "ab"; foreach (var i in Enumerable.Range(0, 60)) { s = $"{s}{s}"; } return s; }',
    ],
)
def test_what_takes_too_long_is_refused(vm: LuaRuntime, expression: str) -> None:
    """As an exception, within a second or so, and without the memory of the machine."""
    began = time.monotonic()
    with pytest.raises(Thrown, match=r"too many steps|Insufficient memory"):
        evaluate(expression, vm=vm)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("new string('a', 100000).IndexOf(new string('a', 1000)).ToString()", "0"),
        ("(new string('a', 1000000) + \"b\").IndexOf(new string('a', 200) + \"b\").ToString()", "999800"),
        ('Enumerable.Range(0, 1000).Aggregate("", (s, i) => s + "ab").Length.ToString()', "2000"),
    ],
)
def test_what_is_long_is_found(vm: LuaRuntime, expression: str, value: str) -> None:
    """Ordinary texts are far from the bounds."""
    assert evaluate(expression, vm=vm) == value


@pytest.mark.parametrize(
    "expression",
    [
        # Each part of a body is looked for in the body.
        "Enumerable.Range(0, 50000).Select(i => new string('a', 1000000).IndexOf(\"b\")).Sum().ToString()",
        'Enumerable.Range(0, 60000).Select(i => "k" + (i * 7919 % 60000)).OrderBy(x => x).Count().ToString()',
    ],
)
def test_many_long_searches_and_comparisons_are_refused(vm: LuaRuntime, expression: str) -> None:
    """What is fast once is not for each of a client's texts."""
    began = time.monotonic()
    with pytest.raises(Thrown, match="too many steps"):
        evaluate(expression, vm=vm)
    assert time.monotonic() - began < 10
