"""cache-lookup and cache-store in real Envoy: what is kept, for whom, and what a hit looks like."""

from __future__ import annotations

from uuid import uuid4

import pytest

from policy_envoy import Answer, Lab, Route
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e


def cached(lab: Lab, lookup: str = "", children: str = "", store: str = "duration='60'", outbound: str = "") -> Route:
    """A route whose answers are cached."""
    return lab.serve(
        document_text(
            f"<cache-lookup vary-by-developer='false' {lookup}>{children}</cache-lookup>",
            outbound=f"{outbound}<cache-store {store} />",
        )
    )


def hit(answer: Answer) -> bool:
    return answer.header("age") is not None


def test_the_second_answer_is_the_first(lab: Lab) -> None:
    """Status, headers and body, on whichever worker; the backend sees one request."""
    route = cached(lab)
    path = f"?header=X-One:1&header=X-Two:2&header=Content-Type:text/plain&body={uuid4()}"
    answers = [route.get(path=path) for _ in range(8)]
    assert [hit(a) for a in answers] == [False] + [True] * 7
    for answer in answers:
        assert (answer.status, answer.body) == (200, answers[0].body)
        assert (answer.header("x-one"), answer.header("x-two")) == ("1", "2")
        assert answer.header("content-type") == "text/plain"
        assert answer.header("cache-control") == "no-store"
    assert answers[1].header("content-length") == str(len(answers[0].body))


def test_what_is_not_kept(lab: Lab) -> None:
    """Other methods, other statuses, cookies, what varies by everything, and whoever proves who they are."""
    route = cached(lab)
    for path, method, headers in (
        ("?a=1", "POST", ()),
        ("?a=2&status=404", "GET", ()),
        ("?a=3&header=Set-Cookie:a=b", "GET", ()),
        ("?a=4&header=Vary:*", "GET", ()),
        ("?a=5", "GET", (("Authorization", "Bearer x"),)),
    ):
        assert [hit(route.get(*headers, path=path, method=method)) for _ in range(3)] == [False] * 3


def test_cache_response_decides(lab: Lab) -> None:
    """True keeps any status, false none."""
    keeps = cached(lab, store="duration='60' cache-response='@(context.Response.StatusCode == 404)'")
    assert [(a.status, hit(a)) for a in (keeps.get(path="?status=404") for _ in range(2))] == [
        (404, False),
        (404, True),
    ]
    assert [hit(keeps.get(path="?status=200")) for _ in range(2)] == [False, False]


def test_who_proves_who_they_are_where_allowed(lab: Lab) -> None:
    """allow-private-response-caching."""
    route = cached(lab, "allow-private-response-caching='true'")
    assert [hit(route.get(("Authorization", "Bearer x"))) for _ in range(2)] == [False, True]


def test_query_parameters(lab: Lab) -> None:
    """All of them in any order; or those that are named."""
    route = cached(lab)
    assert [hit(route.get(path=p)) for p in ("?a=1&b=2", "?b=2&a=1", "?a=1", "?a=1&b=3")] == [False, True, False, False]
    named = cached(lab, children="<vary-by-query-parameter>a;c</vary-by-query-parameter>")
    paths = ("?a=1&b=2", "?a=1&b=3", "?A=2&b=2", "?a=1&c=")
    assert [hit(named.get(path=p)) for p in paths] == [False, True, False, False]


def test_headers(lab: Lab) -> None:
    """Those that the policy names, and those that the response varies by."""
    route = cached(lab, children="<vary-by-header>Accept</vary-by-header><vary-by-header>X-A; X-B</vary-by-header>")
    headers = (("Accept", "a"), ("Accept", "b"), ("Accept", "a"), ("X-B", "1"))
    assert [hit(route.get(h)) for h in headers] == [False, False, True, False]
    varies = cached(lab)
    languages = ("de", "de", "fr", "fr")
    path = "?header=Vary:Accept-Language"
    assert [hit(varies.get(("Accept-Language", each), path=path)) for each in languages] == [False, True, False, True]


def test_encodings(lab: Lab) -> None:
    """Nobody gets an encoding that they have not asked for."""
    route = cached(lab)
    path = "?header=Content-Encoding:gzip"
    accepts = ("Accept-Encoding", "gzip")
    assert [hit(route.get(accepts, path=path)) for _ in range(2)] == [False, True]
    assert hit(route.get(path=path)) is False


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ("downstream-caching-type='public'", "public, max-age=60, must-revalidate"),
        ("downstream-caching-type='private' must-revalidate='false'", "private, max-age=60"),
    ],
)
def test_what_the_client_may_keep(lab: Lab, lookup: str, expected: str) -> None:
    """Cache-Control of the answer and of hits; hits live as long as they still live."""
    route = cached(lab, lookup)
    first, second = route.get(), route.get()
    assert first.header("cache-control") == expected
    assert second.header("cache-control") in (expected, expected.replace("60", "59"), expected.replace("60", "58"))


def test_outbound_is_in_what_is_kept(lab: Lab) -> None:
    """It runs over the backend's answer, and not over a hit."""
    append = set_header("X-Out", "o", action="append")
    route = cached(lab, outbound=append)
    assert [(hit(a), a.header("x-out")) for a in (route.get() for _ in range(3))] == [
        (False, "o"),
        (True, "o"),
        (True, "o"),
    ]


def test_hosts_are_apart(lab: Lab) -> None:
    """One host's answers are not another's."""
    route = cached(lab)
    assert [hit(route.get(host=h)) for h in ("a.test", "b.test", "A.test")] == [False, False, True]


def test_duration(lab: Lab) -> None:
    """An expression; nothing is kept for no time."""
    route = cached(lab, store="duration='@(0)'")
    assert [hit(route.get()) for _ in range(2)] == [False, False]
