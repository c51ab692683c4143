"""cache-value in real Envoy: worked out once, kept, refreshed."""

from __future__ import annotations

from uuid import uuid4

import pytest

from policy_envoy import Lab
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

GIVEN = '@(context.Request.Headers.GetValueOrDefault("X-Given", "none"))'
SHOW = set_header("X-Value", '@((string)context.Variables["v"])')


def value(more: str = "", inside: str = f"<set-variable name='v' value='{GIVEN}' />") -> str:
    return document_text(f"<cache-value key='{uuid4()}' variable-name='v' {more}>{inside}</cache-value>{SHOW}")


def test_worked_out_once(lab: Lab) -> None:
    """The next request gets what the first one worked out, on whichever worker."""
    route = lab.serve(value("expires-after='60'"))
    assert [route.get(("X-Given", str(n))).got("x-value") for n in range(6)] == [["0"]] * 6


def test_refreshed(lab: Lab) -> None:
    """What is older than refresh-after is worked out anew, though it has not expired."""
    route = lab.serve(value("expires-after='60' refresh-after='0'"))
    assert [route.get(("X-Given", str(n))).got("x-value") for n in range(3)] == [["0"], ["1"], ["2"]]


def test_default_where_nothing_was_set(lab: Lab) -> None:
    """It is not kept."""
    inside = (
        "<choose><when condition='@(context.Request.Headers.ContainsKey(\"X-Given\"))'>"
        f"<set-variable name='v' value='{GIVEN}' /></when></choose>"
    )
    route = lab.serve(value("expires-after='60' default-value='d'", inside))
    assert route.get().got("x-value") == ["d"]
    assert route.get(("X-Given", "a")).got("x-value") == ["a"]
    assert route.get().got("x-value") == ["a"]
