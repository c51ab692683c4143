"""cache-store-value: what it refuses, and what it becomes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-store-value key='k' value='v' />", "", "TG2011"),
        ("<cache-store-value key='k' duration='1' />", "", "TG2011"),
        ("<cache-store-value key='k' value='v' duration='1' caching-type='external' />", "", "TG2012"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


def test_literals_are_strings() -> None:
    """Whatever they look like, as in set-variable."""
    assert (
        'R.cache_put("k", "12", 5)'
        in program(document_text("<cache-store-value key='k' value='12' duration='5' />")).lua
    )
