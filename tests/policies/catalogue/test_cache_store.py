"""cache-store: what it refuses, and what it becomes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-store duration='5' />", "", "TG2006"),
        ("", "<cache-store />", "TG2011"),
        ("", "<cache-store duration='long' />", "TG2012"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


def test_status_is_judged_unless_told() -> None:
    """Without cache-response the runtime keeps 200 only."""
    for given, expected in (("", "nil"), ("cache-response='true'", "true")):
        lua = program(document_text(outbound=f"<cache-store duration='5' {given} />")).lua
        assert f"R.cache_store(q, 5, {expected})" in lua
