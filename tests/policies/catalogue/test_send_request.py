"""send-request and send-one-way-request: what is refused."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems

URL = "<set-url>https://a.example.com/</set-url>"
REFUSED = {
    '<send-request response-variable-name="a" />': ["TG2702"],
    "<send-one-way-request />": ["TG2702"],
    "<send-request><set-url>/relative</set-url></send-request>": ["TG2701"],
    f"<send-request timeout='0'>{URL}</send-request>": ["TG2012"],
    f"<send-request timeout='301'>{URL}</send-request>": ["TG2012"],
    f"<send-request mode='clone'>{URL}</send-request>": ["TG2012"],
    f"<send-request>{URL}<set-status code='200' /></send-request>": ["TG2008"],
    f"<send-request>{URL}<proxy url='http://p' /></send-request>": ["TG2303"],
    f"<send-request>{URL}<authentication-certificate thumbprint='a' /></send-request>": ["TG2802"],
    "<send-request><set-url>http://127.0.0.1/</set-url></send-request>": ["TG2706"],
    "<send-request><set-url>http://localhost:81/</set-url></send-request>": ["TG2706"],
    f"<send-request timeout='300'>{URL}</send-request>": [],
    '<send-request mode="copy" />': [],
    f"<send-one-way-request>{URL}</send-one-way-request>": [],
}


@pytest.mark.parametrize(("policy", "codes"), REFUSED.items())
def test_what_is_found(policy: str, codes: list[str]) -> None:
    assert [problem.split(" ")[1] for problem in problems(document_text(policy))] == codes
