"""ip-filter in real Envoy: who may call from where."""

from __future__ import annotations

import pytest

from policy_envoy import Lab
from policy_programs import document_text, problems, set_header

pytestmark = pytest.mark.e2e

ERRORS = set_header("X-Reason", "@(context.LastError.Reason)") + set_header("X-Message", "@(context.LastError.Message)")


def ip_filter(action: str, *addresses: str, ranges: tuple[tuple[str, str], ...] = ()) -> str:
    inside = "".join(f"<address>{each}</address>" for each in addresses)
    inside += "".join(f'<address-range from="{low}" to="{high}" />' for low, high in ranges)
    return f'<ip-filter action="{action}">{inside}</ip-filter>'


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (ip_filter("allow", "127.0.0.1"), None),
        (ip_filter("allow", "10.0.0.1", "::ffff:127.0.0.1"), None),
        (ip_filter("allow", ranges=(("127.0.0.0", "127.255.255.255"),)), None),
        (ip_filter("allow", "10.0.0.1", "::1", ranges=(("::", "ffff::"),)), "CallerIpNotAllowed"),
        (ip_filter("forbid", "10.0.0.1"), None),
        (ip_filter("forbid", "127.0.0.1"), "CallerIpBlocked"),
        (ip_filter("forbid", ranges=(("127.0.0.1", "127.0.0.1"),)), "CallerIpBlocked"),
        (ip_filter('@("forbid")', "@(context.Request.IpAddress)"), "CallerIpBlocked"),
        (ip_filter('@("neither")', "127.0.0.1"), "ExpressionValueEvaluationFailure"),
        (ip_filter("allow", '@("no address")'), "ExpressionValueEvaluationFailure"),
    ],
)  # fmt: skip
def test_callers(lab: Lab, policy: str, reason: str | None) -> None:
    """Single addresses, ranges of both families, expressions; what X-Forwarded-For says counts nowhere."""
    answer = lab.serve(document_text(policy, on_error=ERRORS)).get(("X-Forwarded-For", "10.0.0.1"))
    assert answer.header("x-reason") == reason
    if reason in ("CallerIpNotAllowed", "CallerIpBlocked"):
        assert (answer.status, answer.json) == (403, {"statusCode": 403, "message": "Forbidden"})


def test_what_last_error_says(lab: Lab) -> None:
    """The messages of the page "Error handling in API Management policies"."""
    answer = lab.serve(document_text(ip_filter("allow", "10.0.0.1"), on_error=ERRORS)).get()
    assert answer.header("x-message") == "Caller IP address 127.0.0.1 is not allowed. Access denied."


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (ip_filter("allow"), "needs an `<address>`"),
        (ip_filter("permit", "::1"), "allow or forbid"),
        (ip_filter("allow", "10.0.0.0/8"), "an IP address"),
        (ip_filter("allow", ranges=(("10.0.0.2", "10.0.0.1"),)), "behind 10.0.0.2"),
        (ip_filter("allow", ranges=(("10.0.0.2", "::1"),)), "behind 10.0.0.2"),
    ],
)
def test_what_is_refused(policy: str, said: str) -> None:
    """Addresses are judged before anything starts."""
    (problem,) = problems(document_text(policy))
    assert said in problem
