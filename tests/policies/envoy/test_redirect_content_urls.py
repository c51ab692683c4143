"""redirect-content-urls in real Envoy: links in bodies."""

from __future__ import annotations

import pytest

from body_lab import answered
from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


def test_redirect_content_urls(lab: Lab) -> None:
    """Links of the backend's base URL become the gateway's in answers, and the other way in requests."""
    base = f"http://origin.test:{lab.ports['origin']}"
    document = document_text(
        f'<set-backend-service base-url="{base}/v1" /><redirect-content-urls />', outbound="<redirect-content-urls />"
    )
    route = lab.serve(document)
    text = f"{base}/v1/a {base}/v1 {base}/v12 http://other/v1"
    assert answered(route, text, "text/plain").body == (
        f"http://gateway.test/a http://gateway.test {base}/v12 http://other/v1"
    )
    inbound = lab.serve(document_text(f'<set-backend-service base-url="{base}/v1" /><redirect-content-urls />'))
    sent = inbound.get(method="POST", body='{"next":"http://gateway.test/a?b"}').json["body"]
    assert sent == f'{{"next":"{base}/v1/a?b"}}'


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ('<redirect-content-urls to="x" />', "inbound", "TG2010"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
