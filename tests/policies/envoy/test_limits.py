"""RateLimitPolicy in real Envoy: exact, apart from all other counters, and by nothing that a caller can make up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from policy_envoy import Lab, Route
from policy_programs import document_text, read, validate_jwt
from policy_tokens import claims, token
from tidegate.diagnostics import Found, Span
from tidegate.model import LimitKey, RateLimit
from tidegate.policies import build_program, limit_document

pytestmark = pytest.mark.e2e
HERE = Span("limits.yaml", 1, 1, 1, 1)


def limit(by: LimitKey = LimitKey.EVERYONE, name: str = "", *, calls: int = 2, counter: str = "") -> RateLimit:
    """A limit with counters of its own unless one is named."""
    return RateLimit(counter or f"shop/{uuid4()}", calls, 60, by, HERE, name)


def serve(lab: Lab, *limits: RateLimit, inbound: str = "") -> Route:
    """A route with these limits behind a document."""
    found = Found()
    document = read(document_text(inbound), found)
    assert document is not None, list(found)
    program = build_program([document, limit_document(limits, span=HERE)], found=found)
    assert program is not None, list(found)
    return lab.serve_lua(program.lua)


def bearer(**changed: object) -> tuple[str, str]:
    """An honest token."""
    return ("Authorization", f"Bearer {token(claims(**changed))}")


def test_the_call_beyond_the_limit(lab: Lab) -> None:
    """429 with API Management's body and Retry-After."""
    route = serve(lab, limit())
    assert [route.get().status for _ in range(4)] == [200, 200, 429, 429]
    answer = route.get()
    seconds = int(answer.header("retry-after") or "")
    assert 55 <= seconds <= 60
    assert answer.json == {"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {seconds} seconds."}


@pytest.mark.parametrize("calls", [100, 300])
def test_exact_under_concurrency(lab: Lab, calls: int) -> None:
    """Sixteen clients on two workers: exactly as many pass as may."""
    route = serve(lab, limit(LimitKey.CLIENT_ADDRESS, calls=calls))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: route.get().status, range(calls + 80)))
    assert (statuses.count(200), statuses.count(429)) == (calls, 80)


def test_by_header(lab: Lab) -> None:
    """Each value has a counter, no value has one too, and all values that are too long for a key share one."""
    route = serve(lab, limit(LimitKey.HEADER, "x-api-key"))
    for value in ("a", "b"):
        assert [route.get(("X-Api-Key", value)).status for _ in range(3)] == [200, 200, 429]
    assert [route.get().status for _ in range(3)] == [200, 200, 429]
    assert [route.get(("X-Api-Key", "")).status for _ in range(3)] == [200, 200, 429]
    assert [route.get(("X-Api-Key", letter * 2000)).status for letter in "xyz"] == [200, 200, 429]


def test_by_host(lab: Lab) -> None:
    """Host is a header, though Envoy calls it otherwise."""
    route = serve(lab, limit(LimitKey.HEADER, "host"))
    assert [route.get(host="a.example").status for _ in range(3)] == [200, 200, 429]
    assert route.get(host="b.example").status == 200


def test_by_claim(lab: Lab) -> None:
    """Each user of each issuer has a counter; tokens without the claim share one."""
    route = serve(lab, limit(LimitKey.CLAIM, "sub"), inbound=validate_jwt())
    for user in ("ann", "bob"):
        assert [route.get(bearer(sub=user)).status for _ in range(3)] == [200, 200, 429]
    without = [route.get(bearer(sub=None, jti=str(uuid4()))).status for _ in range(3)]
    assert without == [200, 200, 429]


def test_invented_tokens_count_for_nobody(lab: Lab) -> None:
    """A token that does not verify is refused before it is counted: it neither gives nor takes a counter."""
    route = serve(lab, limit(LimitKey.CLAIM, "sub"), inbound=validate_jwt())
    forged = bearer(sub="ann-2")[1][:-8] + "AAAAAAAA"
    assert [route.get(("Authorization", forged)).status for _ in range(4)] == [401] * 4
    assert [route.get(bearer(sub="ann-2")).status for _ in range(3)] == [200, 200, 429]


def test_what_needs_no_token_comes_before_it(lab: Lab) -> None:
    """A client beyond its limit is refused before its token is verified."""
    route = serve(lab, limit(LimitKey.CLIENT_ADDRESS), inbound=validate_jwt())
    assert [route.get().status for _ in range(3)] == [401, 401, 429]


def test_counters_never_mix(lab: Lab) -> None:
    """Neither with another policy's, nor with the keys that an expression computes from what callers write."""
    counter = f"shop/{uuid4()}"
    one, other = serve(lab, limit(counter=counter)), serve(lab, limit())
    key = "@(context.Request.Headers.GetValueOrDefault(&quot;X-Key&quot;, &quot;&quot;))"
    theirs = lab.serve(document_text(f'<rate-limit-by-key calls="2" renewal-period="60" counter-key="{key}" />'))
    assert [theirs.get(("X-Key", counter)).status for _ in range(3)] == [200, 200, 429]
    assert [one.get().status for _ in range(3)] == [200, 200, 429]
    assert other.get().status == 200


def test_one_counter_over_all_that_a_policy_covers(lab: Lab) -> None:
    """Two routes under one policy share its limit, and it goes on when the program around it changes."""
    shared = limit(counter=f"shop/{uuid4()}")
    first = serve(lab, shared)
    second = serve(lab, shared, inbound='<set-header name="X-A"><value>1</value></set-header>')
    assert [each.get().status for each in (first, second, second, first)] == [200, 200, 429, 429]
