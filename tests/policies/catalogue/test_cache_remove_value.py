"""cache-remove-value: what it refuses, and what it becomes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-remove-value />", "", "TG2011"),
        ("<cache-remove-value key='k' caching-type='external' />", "", "TG2012"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


def test_in_any_section() -> None:
    """Also behind the backend."""
    assert 'R.cache_forget("k")' in program(document_text(outbound="<cache-remove-value key='k' />")).lua
