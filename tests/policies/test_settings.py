"""Values: literals and expressions, of the wanted type."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


def limit(calls: str) -> str:
    return document_text(f'<rate-limit-by-key calls="{calls}" renewal-period="1" counter-key="k" />')


@pytest.mark.parametrize(
    "calls",
    [
        "5", " 5 ", "@(5)", " @(5) ", "@(true ? 5 : 6)", "{{five}}", "{{whole}}", "{{block}}", "@{ return 5; }",
        " @{ if (true) return 5; return 6; } ",
    ],
)  # fmt: skip
def test_numbers(calls: str) -> None:
    """White space around a value is no part of it; a named value may bring a number or an expression."""
    assert program(limit(calls), named_values={"five": "5", "whole": "@(5)", "block": "@{ return 5; }"})


@pytest.mark.parametrize(
    ("calls", "code"),
    [
        ("", "TG2012"), ("5.0", "TG2012"), ("five", "TG2012"), ("\u0665", "TG2012"), ("99999999999", "TG2012"),
        ("5 @(1)", "TG2013"), ("@(1) 5", "TG2013"), ("@{ return; }", "TG3113"), ("@(&quot;5&quot;)", "TG3109"),
        ("{{none}}", "TG2015"), ("@({{none}})", "TG2015"), ("@(", "TG1044"),
    ],
)  # fmt: skip
def test_what_is_no_number(calls: str, code: str) -> None:
    """One finding each."""
    assert [p.split(" ")[1] for p in problems(limit(calls))] == [code]


@pytest.mark.parametrize(("text", "ok"), [("true", True), ("False", True), ("1", False), ("yes", False), ("", False)])
def test_booleans(text: str, ok: bool) -> None:
    """true and false, in any case."""
    cors = f'<cors allow-credentials="{text}"><allowed-origins><origin>https://a.b</origin></allowed-origins></cors>'
    assert (problems(document_text(cors)) == []) == ok


def test_mixtures_are_refused() -> None:
    """Text beside an expression, on either side, also where it came with a named value."""
    for value in ("Bearer @(context.Request.Method)", "@(context.Request.Method) x", "a@{return 1;}"):
        document = document_text(f'<set-header name="A"><value>{value}</value></set-header>')
        assert [p.split(" ")[1] for p in problems(document)] == ["TG2013"]


def test_long_values_are_shortened_in_summaries() -> None:
    """A line of `explain` stays a line."""
    document = document_text(f'<set-header name="A"><value>{"x y" * 200}</value></set-header>')
    text = program(document).steps[0].text
    assert len(text) < 150
    assert text.endswith("…")
