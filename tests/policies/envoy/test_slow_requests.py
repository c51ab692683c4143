"""Headers made to be slow to read: one request must not stop a worker, which serves thousands of others."""

from __future__ import annotations

import time

import pytest

from policy_envoy import Lab
from policy_programs import document_text, validate_jwt
from policy_tokens import bearer, token

pytestmark = pytest.mark.e2e

CORS = """<cors><allowed-origins><origin>http://localhost:5173</origin></allowed-origins>
<allowed-methods><method>GET</method></allowed-methods>
<allowed-headers><header>Authorization</header></allowed-headers></cors>"""
ALLOWED = ("Origin", "http://localhost:5173")
PREFLIGHT = ("Access-Control-Request-Method", "GET")
ASKED = "Access-Control-Request-Headers"
TOO_LONG_S = 20.0
"""Reading 50 kB takes well below a millisecond; what these headers provoked took a minute."""


@pytest.mark.parametrize(
    "headers",
    [
        [("Origin", "http://" + "1" * 50_000 + "/")],
        [("Origin", "http://a:" + "1" * 50_000 + "/"), PREFLIGHT],
        [("Origin", "a" * 50_000), PREFLIGHT],
        [("Origin", "http://[" + ":" * 50_000)],
        [ALLOWED, PREFLIGHT, (ASKED, "a" + " " * 50_000 + "b")],
        [ALLOWED, PREFLIGHT, (ASKED, ", " * 25_000 + "b")],
        [("Authorization", "Bearer" + " " * 50_000 + "b")],
        [("Authorization", "Bearer " + "." * 50_000)],
        [("Authorization", "Bearer " + "a" * 50_000 + " ")],
        [("Authorization", bearer(token())[1] + " " * 40_000 + ".")],
    ],
    ids=lambda headers: headers[-1][0] + headers[-1][1][:12],
)
def test_a_long_header_costs_no_time(lab: Lab, headers: list[tuple[str, str]]) -> None:
    route = lab.serve(document_text(CORS + validate_jwt()))
    began = time.perf_counter()
    answer = route.get(*headers, method="OPTIONS" if PREFLIGHT in headers else "GET")
    assert time.perf_counter() - began < TOO_LONG_S
    assert answer.status in {200, 401}
    assert "headers" not in answer.body, "the backend was reached"


def test_spaces_do_not_multiply_what_is_remembered(lab: Lab) -> None:
    """A good token behind many spaces would be kept once for each number of them."""
    route = lab.serve(document_text(validate_jwt()))
    good = bearer(token())[1].removeprefix("Bearer ")
    assert route.get(("Authorization", f"Bearer  {good}")).status == 200
    assert route.get(("Authorization", f"Bearer{' ' * 20_000}{good}")).status == 401


def test_tokens_without_kid_cost_little_more_than_others(lab: Lab) -> None:
    """Each is tried with every key, and only the first one by Envoy itself."""
    route = lab.serve(document_text(validate_jwt()))
    forged = [bearer(token(kid=None, signer="k4", jti=str(number))) for number in range(40)]
    began = time.perf_counter()
    assert {route.get(one).status for one in forged} == {401}
    assert time.perf_counter() - began < TOO_LONG_S
