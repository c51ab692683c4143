"""authentication-basic and its like: what is refused."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems

FOUND = {
    '<authentication-basic username="a" />': ["TG2011"],
    '<authentication-basic username="a" password="@(context.Request.Method)" />': [],
    "<authentication-managed-identity />": ["TG2011"],
    '<authentication-managed-identity resource="api://a" ignore-error="maybe" />': ["TG2012"],
    '<authentication-managed-identity resource="api://a" client-id="b" output-token-variable-name="t" />': [],
}


@pytest.mark.parametrize(("policy", "codes"), FOUND.items())
def test_what_is_found(policy: str, codes: list[str]) -> None:
    assert [problem.split(" ")[1] for problem in problems(document_text(policy))] == codes
