"""What policies that count have in common: when a request counts, and what numbers are refused."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


def limit(more: str = "", calls: str = "3", period: str = "60") -> str:
    return document_text(f"<rate-limit-by-key calls='{calls}' renewal-period='{period}' counter-key='k' {more} />")


def test_counts_when_it_comes() -> None:
    """Without a condition, or with one that speaks of the request, nothing waits and nothing is kept."""
    for more in ("", "increment-condition='@(context.Request.Method == \"GET\")'", "increment-count='2'"):
        lua = program(limit(more)).lua
        assert "keeps = true" not in lua
        assert "function(q)\n        local variables" not in lua


@pytest.mark.parametrize("name", ["increment-condition", "increment-count"])
def test_counts_when_the_answer_is_known(name: str) -> None:
    """With one that speaks of the response, which inbound has not."""
    expression = "context.Response.StatusCode == 200" if name.endswith("condition") else "context.Response.StatusCode"
    assert problems(limit(f"{name}='@({expression})'")) == []
    assert "keeps = true" in program(limit(f"{name}='@({expression})'")).lua


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (limit(calls="0"), "TG2012"),
        (limit(period="301"), "TG2012"),
        (limit("increment-count='-1'"), "TG2012"),
        (limit("increment-condition='maybe'"), "TG2012"),
        (limit("retry-after-header-name='not a name'"), "TG2402"),
        (limit("surprise='1'"), "TG2010"),
    ],
)
def test_refused(text: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(text)] == [code]
