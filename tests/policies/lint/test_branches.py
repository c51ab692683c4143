"""Branches that never run."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, set_header


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (("true", "x"), ["one before it always runs"]),
        (("false", "x"), ["its condition is always false"]),
        (("x", "x"), ["one before it asks the same"]),
        (("x", "y"), []),
        (("new Random().Next(2) == 0", "new Random().Next(2) == 0"), []),
    ],
)
def test_branches_that_never_run(conditions: tuple[str, ...], found: list[str]) -> None:
    """By constants, and by conditions that were asked before."""
    known = {"x": 'context.Request.Method == "GET"', "y": 'context.Request.Method == "PUT"'}
    whens = "".join(f'<when condition="@({known.get(c, c)})">{set_header("X-A", "1")}</when>' for c in conditions)
    said = [line for line in problems(document_text(f"<choose>{whens}</choose>")) if " TG2503 " in line]
    assert [line.partition("runs: ")[2] for line in said] == found
