"""cache-value: what it refuses, and what it becomes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program

INSIDE = "<set-variable name='v' value='x' />"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<cache-value key='k' variable-name='v' expires-after='5' />", "TG2009"),
        (f"<cache-value key='k' variable-name='v'>{INSIDE}</cache-value>", "TG2011"),
        (f"<cache-value key='k' expires-after='5'>{INSIDE}</cache-value>", "TG2011"),
    ],
)
def test_refused(text: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(text))] == [code]


def test_policies_may_stand_in_a_value_element() -> None:
    """It says nothing more, but then nothing stands beside it."""
    head = "<cache-value key='k' variable-name='v' expires-after='5'>"
    plain = program(document_text(f"{head}{INSIDE}</cache-value>"))
    assert program(document_text(f"{head}<value>{INSIDE}</value></cache-value>")).lua == plain.lua
    beside = problems(document_text(f"{head}<value>{INSIDE}</value>{INSIDE}</cache-value>"))
    assert [problem.split()[1] for problem in beside] == ["TG2008"]


def test_the_policies_inside_run_where_nothing_is_cached() -> None:
    """And what they set is kept, after them."""
    text = f"<cache-value key='k' variable-name='v' expires-after='5'>{INSIDE}</cache-value>"
    lines = [line.strip() for line in program(document_text(text)).lua.splitlines()]
    order = ["R.cache_fresh(variables, ", "if not v", 'variables["v"] = ', "R.cache_keep(variables, "]
    places = [next(i for i, line in enumerate(lines) if part in line) for part in order]
    assert places == sorted(places)
