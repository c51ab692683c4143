"""proxy: refused at its place, with what to do instead; its attributes are looked at all the same."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems

WHOLE = '<proxy url="http://proxy.example.com" username="a" password="b" />'


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        (WHOLE, ["TG2301"]),
        ("<proxy />", ["TG2011", "TG2301"]),
        ('<proxy url="http://p" bypass="x" />', ["TG2010", "TG2301"]),
        ('<proxy url="http://p">text</proxy>', ["TG2004", "TG2301"]),
    ],
)
def test_findings(policy: str, codes: list[str]) -> None:
    assert sorted(problem.split(" ")[1] for problem in problems(document_text(policy))) == codes


def test_it_is_refused_where_it_stands() -> None:
    """In the section's line, behind what comes before it."""
    (problem,) = problems(document_text(f"<set-method>PUT</set-method>{WHOLE}"))
    assert problem.startswith("2:39 TG2301 ")
    assert "proxy" in problem
