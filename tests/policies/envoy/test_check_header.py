"""check-header in real Envoy: whether a header is there, and what it may be."""

from __future__ import annotations

import pytest

from policy_envoy import Lab
from policy_programs import document_text, problems, set_header

pytestmark = pytest.mark.e2e

ERRORS = set_header("X-Reason", "@(context.LastError.Reason)") + set_header("X-Message", "@(context.LastError.Message)")


def check(attributes: str = "", *values: str, name: str = "X-Role", code: str = "403", case: str = "false") -> str:
    inside = "".join(f"<value>{value}</value>" for value in values)
    return (
        f'<check-header name="{name}" failed-check-httpcode="{code}" failed-check-error-message="Not you"'
        f' ignore-case="{case}" {attributes}>{inside}</check-header>'
    )


@pytest.mark.parametrize(
    ("policy", "headers", "status", "reason"),
    [
        (check(), (("x-role", "anything"),), 200, None),
        (check(), (("x-role", ""),), 200, None),
        (check(), (), 403, "HeaderNotFound"),
        (check("", "Admin", "Root"), (("X-Role", "Root"),), 200, None),
        (check("", "Admin"), (("X-Role", "admin"),), 403, "HeaderValueNotAllowed"),
        (check("", "Admin", case="true"), (("X-Role", "aDMIN"),), 200, None),
        (check("", "Admin", code="401"), (("X-Role", "Admin"), ("X-Role", "Admin")), 401, "HeaderValueNotAllowed"),
        (check("", '@(context.Request.Method)'), (("X-Role", "GET"),), 200, None),
        (check(name='@("X-" + "Role")', case="@(1 == 1)"), (("x-role", "a"),), 200, None),
    ],
)  # fmt: skip
def test_headers(lab: Lab, policy: str, headers: tuple[tuple[str, str], ...], status: int, reason: str | None) -> None:
    """Any of the values suffices; without values the header must be there; failures say the policy's own words."""
    answer = lab.serve(document_text(policy, on_error=ERRORS)).get(*headers)
    assert answer.status == status
    assert answer.header("x-reason") == reason
    if status != 200:
        assert answer.json == {"statusCode": status, "message": "Not you"}


def test_what_last_error_says(lab: Lab) -> None:
    """The messages of the page "Error handling in API Management policies"."""
    route = lab.serve(document_text(check("", "Admin"), on_error=ERRORS))
    assert route.get().header("x-message") == "Header X-Role was not found in the request. Access denied."
    assert route.get(("X-Role", "u")).header("x-message") == "Header X-Role value of u is not allowed. Access denied."


def test_what_is_refused() -> None:
    """All attributes are required."""
    assert len(problems(document_text("<check-header />"))) == 4
    (said,) = problems(document_text(check(name="X Role")))
    assert "X Role" in said
