"""cache-lookup-value: what it refuses, and what it makes of its variable."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-lookup-value key='k' variable-name='v' caching-type='external' />", "", "TG2012"),
        ("<cache-lookup-value key='k' />", "", "TG2011"),
        ("<cache-lookup-value variable-name='v' />", "", "TG2011"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


def test_a_variable_that_was_known_is_not_any_more() -> None:
    """What the cache holds may be of another type than what set-variable gave before."""
    read = "<trace source='t'><message>@((string)context.Variables[\"v\"])</message></trace>"
    text = f"<set-variable name='v' value='a' /><cache-lookup-value key='k' variable-name='v' />{read}"
    lua = program(document_text(text)).lua
    assert 'variables["v"] = R.held(' in lua
    assert '(variables, "v"), "string")' in lua


def test_the_default_is_worked_out_only_where_it_is_needed() -> None:
    """It may be costly, and it may fail."""
    text = "<cache-lookup-value key='k' variable-name='v' default-value='@(context.Request.Method)' />"
    lines = [line.strip() for line in program(document_text(text)).lua.splitlines()]
    at = next(index for index, line in enumerate(lines) if "R.cache_get(" in line)
    assert lines[at + 1].startswith("if not ")
    assert ":method" in lines[at + 2] or "method" in lines[at + 2]
