"""set-query-parameter: what it becomes; what is refused is in test_rewrite_uri.py, what it does in envoy/."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("attributes", "values", "call", "summary"),
    [
        ("", ("1", "2"), 'R.set_query(q, v1, "override", {n = 2, v2, v3})', "a: 1, 2"),
        ('exists-action="append"', ("",), 'R.set_query(q, v1, "append", {n = 1, v2})', "a (append): "),
        ('exists-action="delete"', (), 'R.set_query(q, v1, "delete", {n = 0})', "a (delete)"),
    ],
)
def test_it_becomes_one_call(attributes: str, values: tuple[str, ...], call: str, summary: str) -> None:
    inside = "".join(f"<value>{value}</value>" for value in values)
    built = program(document_text(f'<set-query-parameter name="a" {attributes}>{inside}</set-query-parameter>'))
    assert call in built.lua
    assert built.steps[0].text == f"set-query-parameter {summary}"


def test_the_name_is_worked_out_before_the_values() -> None:
    """In the order of the document, each once."""
    built = program(
        document_text(
            '<set-query-parameter name="@(context.Request.Method)" exists-action="@(context.Request.IpAddress)">'
            "<value>@(context.Operation.Id)</value></set-query-parameter>"
        )
    )
    places = [built.lua.index(text) for text in (":method", "R.ip_address", "R.facts(q).operation", "R.set_query(")]
    assert places == sorted(places)


def test_a_name_from_a_named_value_may_not_be_empty() -> None:
    (problem,) = problems(document_text('<set-query-parameter name="{{n}}" />'), named_values={"n": ""})
    assert "TG2012" in problem
