"""cache-lookup: what it refuses, and what it becomes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-lookup downstream-caching-type='shared' />", "", "TG2012"),
        ("<cache-lookup><vary-by-header>not a name</vary-by-header></cache-lookup>", "", "TG2402"),
        ("<cache-lookup><vary-by-moon>full</vary-by-moon></cache-lookup>", "", "TG2008"),
        ("<cache-lookup /><cache-lookup />", "", "TG2007"),
        ("", "<cache-lookup />", "TG2006"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


def test_defaults_and_names() -> None:
    """Nothing varies but what is named, and nothing may be kept downstream."""
    assert (
        'R.cache_lookup(q, K[1], false, false, false, "none", true)' in program(document_text("<cache-lookup />")).lua
    )
    children = "<vary-by-header>Accept; X-A</vary-by-header><vary-by-query-parameter>B</vary-by-query-parameter>"
    lua = program(document_text(f"<cache-lookup vary-by-developer='true'>{children}</cache-lookup>")).lua
    assert '{["headers"] = {"accept", "x-a"}, ["query"] = {["b"] = true}}' in lua
    assert "R.cache_lookup(q, K[1], false, true, false" in lua
