"""rewrite-uri and set-query-parameter: what is refused."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems

REFUSED = {
    "<rewrite-uri />": ["TG2011"],
    '<rewrite-uri template="https://a.example.com/x" />': ["TG2703"],
    '<rewrite-uri template="/x#y" />': ["TG2703"],
    '<rewrite-uri template="/a b" />': ["TG2703"],
    '<rewrite-uri template="/x" copy-unmatched-params="maybe" />': ["TG2012"],
    '<rewrite-uri template="/x?u=http://a" />': [],
    '<rewrite-uri template="@("/x/" + context.Request.Method)" />': [],
    '<set-query-parameter name="a" />': ["TG2009"],
    '<set-query-parameter name=""><value>1</value></set-query-parameter>': ["TG2012"],
    '<set-query-parameter name="a" exists-action="replace"><value>1</value></set-query-parameter>': ["TG2012"],
    '<set-query-parameter name="a" exists-action="delete"><value>1</value></set-query-parameter>': ["TG2008"],
    '<set-query-parameter name="a" exists-action="delete" />': [],
    '<proxy url="http://proxy.example.com" />': ["TG2301"],
}


@pytest.mark.parametrize(("policy", "codes"), REFUSED.items())
def test_what_is_found(policy: str, codes: list[str]) -> None:
    assert [problem.split(" ")[1] for problem in problems(document_text(policy))] == codes
