"""Real Envoy: what scripts of other origins may do (HTTPCORSFilter, GEP-1767; Fetch standard, CORS protocol)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edges import edge, recording
from policy_programs import METADATA, document_text, program
from real_envoy import Answer, Client
from recording_backends import Reply
from tidegate.model import (
    BackendFilters,
    Cors,
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    Redirect,
    Respond,
    WeightedBackend,
)
from tidegate.policies import runtime_source
from worlds import forward, route

pytestmark = pytest.mark.e2e

APP = "https://app.example.com"
STRANGER = "https://evil.test"

CORS = Cors(
    allow_origins=(APP, "https://*.trusted.org", "http://local.test:3000"),
    allow_credentials=True,
    allow_methods=("GET", "PUT"),
    allow_headers=("content-type", "x-token"),
    expose_headers=("x-total", "x-page"),
    max_age_s=600,
)
ANY = Cors(allow_origins=("*",), allow_methods=("*",), allow_headers=("*",), expose_headers=("*",))


async def preflight(
    client: Client, path: str, origin: str = APP, method: str = "PUT", headers: str = "x-token"
) -> Answer:
    """What a browser asks before a request that is not simple."""
    asks = [("origin", origin), ("access-control-request-method", method)]
    if headers:
        asks.append(("access-control-request-headers", headers))
    return await client.get(path, *asks, method="OPTIONS")


def granted(answer: Answer) -> dict[str, str]:
    """The CORS headers of an answer, without their common beginning."""
    start = "access-control-"
    return {name.removeprefix(start): value for name, value in answer.headers.items() if name.startswith(start)}


FULL = {
    "allow-origin": APP,
    "allow-credentials": "true",
    "allow-methods": "GET, PUT",
    "allow-headers": "content-type, x-token",
    "expose-headers": "x-total, x-page",
    "max-age": "600",
}


async def test_preflights_are_answered_by_the_gateway() -> None:
    """Also those for another method than OPTIONS; the backend never sees one, of whatever origin."""
    async with (
        recording("v1") as [(v1, to)],
        edge(
            route("put", forward(to), path="/put", method="PUT", cors=CORS),
            route("every", forward(to), path="/every", cors=CORS),
            backends=[to],
        ) as port,
        Client(port) as client,
    ):
        for path in ("/put", "/every", "/every/x?y=z"):
            answer = await preflight(client, path)
            assert (answer.status, granted(answer), answer.headers["vary"]) == (204, FULL, "Origin"), path
            refused = await preflight(client, path, STRANGER)
            assert (refused.status, granted(refused)) == (204, {}), path
        assert (await preflight(client, "/put", method="DELETE")).status == 404
        assert v1.received == []
        # Not preflights: no origin, no method asked about.
        assert (await client.get("/every", ("origin", APP), method="OPTIONS")).status == 200
        assert (await client.get("/put", ("origin", APP), method="OPTIONS")).status == 404


ORIGINS = [
    (APP, True),
    ("https://app.example.com:443", True),
    ("https://app.example.com:8443", False),
    ("http://app.example.com", False),
    ("https://app.example.com.evil.test", False),
    ("https://evil.test/https://app.example.com", False),
    ("https://appXexample.com", False),
    ("https://a.trusted.org", True),
    ("https://a.b.trusted.org", True),
    ("https://trusted.org", False),
    ("https://.trusted.org", False),
    ("https://a.trusted.org:8443", False),
    ("https://evil.test:443.trusted.org", False),
    ("https://evil.test/.trusted.org", False),
    ("http://local.test:3000", True),
    ("http://local.test", False),
    ("null", False),
    ("*", False),
]


async def test_origins() -> None:
    """Scheme, host and port must match; `*` in a host stands for labels, and for nothing else."""
    async with edge(route("all", Respond(200), cors=CORS)) as port, Client(port) as client:
        for origin, allowed in ORIGINS:
            for answer in (await preflight(client, "/", origin), await client.get("/", ("origin", origin))):
                assert granted(answer).get("allow-origin") == (origin if allowed else None), origin


async def test_everybody() -> None:
    """`*`: the request's own origin and wishes come back, which is right with credentials too."""
    async with (
        edge(
            route("any", Respond(200), path="/any", cors=ANY),
            route("credentials", Respond(200), path="/credentials", cors=replace(ANY, allow_credentials=True)),
            route("hosts", Respond(200), path="/hosts", cors=replace(ANY, allow_origins=("https://*",))),
        ) as port,
        Client(port) as client,
    ):
        answer = await preflight(client, "/any", "null", "DELETE", "x-a, x-b")
        assert granted(answer) == {
            "allow-origin": "null",
            "allow-methods": "DELETE",
            "allow-headers": "x-a, x-b",
            "expose-headers": "*",
            "max-age": "5",
        }
        assert "allow-headers" not in granted(await preflight(client, "/any", headers=""))
        assert granted(await client.get("/any", ("origin", APP))) == {"allow-origin": APP, "expose-headers": "*"}
        answer = await client.get("/credentials", ("origin", APP))
        assert granted(answer) == {"allow-origin": APP, "allow-credentials": "true"}
        assert "allow-origin" in granted(await preflight(client, "/hosts", "https://any.test"))
        assert "allow-origin" not in granted(await preflight(client, "/hosts", "http://any.test"))


async def test_names_are_no_formats() -> None:
    """A header's name may hold percent signs; one that Envoy took for a format would cost the port all its routes."""
    odd = Cors(("*",), allow_headers=("x%REQ(authorization)%", "%"), expose_headers=("%-x",))
    shop = route("shop", Respond(200), cors=odd)
    async with edge(shop) as port, Client(port) as client:
        assert granted(await preflight(client, "/"))["allow-headers"] == "x%REQ(authorization)%, %"
        assert granted(await client.get("/", ("origin", APP)))["expose-headers"] == "%-x"


async def test_responses_are_marked() -> None:
    """With the origin and what may be read; those of strangers pass unmarked, and all of them vary."""
    async with recording("v1") as [(v1, to)]:
        v1.default = Reply(headers=(("access-control-allow-origin", "https://wrong.test"),))
        async with (
            edge(
                route("get", forward(to), path="/get", cors=CORS),
                route("redirect", Redirect(scheme="https"), path="/redirect", cors=CORS),
                route("respond", Respond(200, "{}"), path="/respond", cors=CORS),
                backends=[to],
            ) as port,
            Client(port) as client,
        ):
            for path in ("/get", "/redirect", "/respond"):
                answer = await client.get(path, ("origin", APP))
                assert granted(answer) == {
                    "allow-origin": APP,
                    "allow-credentials": "true",
                    "expose-headers": "x-total, x-page",
                }, path
                assert answer.headers["vary"] == "Origin"
            v1.default = Reply()
            for path in ("/get", "/redirect", "/respond"):
                for headers in ([("origin", STRANGER)], []):
                    answer = await client.get(path, *headers)
                    assert (granted(answer), answer.headers["vary"]) == ({}, "Origin")


async def test_the_gateways_own_answers_are_marked() -> None:
    """A script may see that there was no backend; a request may lose its Origin on the way."""
    without = HeaderChanges(remove=("origin",))
    async with (
        recording("v1") as [(v1, to)],
        edge(
            route("missing", forward(None), path="/missing", cors=CORS),
            route("lost", forward(to), path="/lost", cors=CORS, request_headers=without),
            backends=[to],
        ) as port,
        Client(port) as client,
    ):
        answer = await client.get("/missing", ("origin", APP))
        assert (answer.status, granted(answer)["allow-origin"]) == (500, APP)
        answer = await client.get("/lost", ("origin", APP))
        assert granted(answer)["allow-origin"] == APP
        assert v1.last.header("origin") is None


async def test_policies_and_cors_of_one_route() -> None:
    """No policy runs on a preflight; what one answers may be read, and the filter's origin counts."""
    refuse = f'<validate-jwt header-name="Authorization"><openid-config url="{METADATA}" /></validate-jwt>'
    mark = '<set-header name="x-policy" exists-action="override"><value>ran</value></set-header>'
    refusing, marking = program(document_text(refuse)), program(document_text(outbound=mark))
    async with (
        recording("v1") as [(v1, to)],
        edge(
            route("refused", forward(to), path="/refused", method="PUT", cors=CORS, program=refusing),
            route("marked", forward(to), path="/marked", cors=CORS, program=marking),
            backends=[to],
            runtime=runtime_source(),
        ) as port,
        Client(port) as client,
    ):
        for path in ("/refused", "/marked"):
            answer = await preflight(client, path)
            assert (granted(answer), "x-policy" in answer.headers) == (FULL, False)
        answer = await client.get("/refused", ("origin", APP), method="PUT")
        assert (answer.status, granted(answer)["allow-origin"]) == (401, APP)
        assert v1.received == []
        answer = await client.get("/marked", ("origin", APP))
        assert (answer.headers["x-policy"], granted(answer)["allow-origin"]) == ("ran", APP)


async def test_a_preflight_meets_the_route_of_the_request_it_asks_about() -> None:
    """By the method and the headers that it names, and by path and query as ever."""
    one, two = replace(CORS, max_age_s=1), replace(CORS, max_age_s=2)
    with_header = route("header", forward(None), path="/a", headers={"x-version": "2", "accept": "a/b"}, cors=one)
    async with (
        edge(
            with_header,
            route("post", forward(None), path="/a", method="POST", cors=two),
            route("all", forward(None), path="/a", cors=CORS),
        ) as port,
        Client(port) as client,
    ):
        for method, headers, age in (
            ("GET", "content-type,X-Version", "1"),
            ("POST", "x-version", "1"),
            ("POST", "x-versions, my-x-version", "2"),
            ("PUT", "", "600"),
        ):
            answer = await preflight(client, "/a", method=method, headers=headers)
            assert granted(answer)["max-age"] == age, (method, headers)


async def test_a_header_that_browsers_send_with_preflights_is_matched_as_ever() -> None:
    """Host, for one."""
    match = HeaderMatch("host", "shop.test")
    shop = route("shop", forward(None), cors=CORS)
    async with edge(replace(shop, match=replace(shop.match, headers=(match,)))) as port, Client(port) as client:
        assert (await preflight(client, "/")).status == 404
        asks = [("origin", APP), ("access-control-request-method", "GET")]
        assert (await client.get("/", *asks, method="OPTIONS", host="shop.test")).status == 204


async def test_cors_of_one_backend() -> None:
    """A share of the requests, and of the preflights."""
    async with recording("v1", "v2") as [(_, first), (_, second)]:
        split = Forward(
            (WeightedBackend(first.id, 1, BackendFilters(cors=CORS)), WeightedBackend(second.id, 1)),
        )
        async with edge(route("split", split, method="PUT"), backends=[first, second]) as port, Client(port) as client:
            for _ in range(40):
                answer = await client.get("/", ("origin", APP), method="PUT")
                assert ("v1" in answer.body.split('"method"')[0]) == bool(granted(answer))
            statuses = {(await preflight(client, "/")).status for _ in range(40)}
            assert statuses == {204, 404}


async def test_a_users_response_header_does_not_double_the_gateways() -> None:
    """Browsers refuse two."""
    changes = HeaderChanges(set=(HeaderChange("Access-Control-Allow-Origin", "https://wrong.test"),))
    async with recording("v1") as [(_, to)]:
        shop = route("shop", forward(to), cors=CORS, response_headers=changes)
        async with edge(shop, backends=[to]) as port, Client(port) as client:
            answer = await client.get("/", ("origin", APP))
            assert granted(answer)["allow-origin"] == APP
