"""authentication-certificate: refused, with the way out."""

from __future__ import annotations

from policy_programs import document_text, problems


def test_it_is_refused() -> None:
    found = problems(document_text('<authentication-certificate thumbprint="ab" />'))
    assert [problem.split(" ")[1] for problem in found] == ["TG2301"]
