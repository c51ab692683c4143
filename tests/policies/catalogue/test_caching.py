"""caching-type: there is one cache."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program


@pytest.mark.parametrize(
    ("inbound", "outbound", "code"),
    [
        ("<cache-lookup-value key='k' variable-name='v' caching-type='somewhere' />", "", "TG2012"),
        ("<cache-lookup caching-type='external' />", "", "TG2012"),
    ],
)
def test_refused(inbound: str, outbound: str, code: str) -> None:
    """At its place, before anything runs."""
    assert [problem.split()[1] for problem in problems(document_text(inbound, outbound=outbound))] == [code]


@pytest.mark.parametrize("kind", ["internal", "prefer-external"])
def test_the_cache_there_is(kind: str) -> None:
    """prefer-external falls back to the internal one, as in API Management."""
    assert program(document_text(f"<cache-remove-value key='k' caching-type='{kind}' />"))
