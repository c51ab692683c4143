"""Real Envoy: a client's requests go where its first went."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from edges import edge, recording
from real_envoy import Answer, Client, free_port, serving
from tidegate.compilers.routes import compile_route
from tidegate.envoy.sessions import STATEFUL_SESSION
from tidegate.model import (
    Backend,
    BackendFilters,
    Certificate,
    CookieHash,
    Forward,
    HeaderChange,
    HeaderChanges,
    Listener,
    LoadBalancing,
    LoadBalancingStrategy,
    ObjectName,
    PathMatch,
    PathMatchKind,
    Protocol,
    Rewrite,
    SessionPersistence,
    WeightedBackend,
)
from worlds import backend, compiled, forward, http, route, span, world

pytestmark = pytest.mark.e2e


class Browser:
    """Keeps cookies and one header, as far as these tests need."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}
        self.set: list[str] = []
        """The Set-Cookie headers of the last answer."""

    async def ask(self, path: str = "/") -> str:
        """Which endpoint answered."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.get(path, *([("cookie", "theirs=1; " + cookies)] if cookies else []))
        assert answer.status == 200
        self.set = answer.all("set-cookie")
        for cookie in self.set:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return who(answer)


def who(answer: Answer) -> str:
    """The endpoint that answered."""
    return answer.body.partition('"backend": "')[2].partition('"')[0]


def ring(one: Backend) -> Backend:
    """As RoutePolicy's affinity wants it."""
    return replace(one, load_balancing=LoadBalancing(LoadBalancingStrategy.RING_HASH))


async def everyone(port: int, path: str, times: int = 12) -> Counter[str]:
    """Which endpoints new clients are sent to; each client stays where it is."""
    seen: Counter[str] = Counter()
    for _ in range(times):
        async with Client(port) as client:
            browser = Browser(client)
            first = await browser.ask(path)
            assert {await browser.ask(path) for _ in range(5)} == {first}
            seen[first] += 1
    return seen


async def test_a_cookie_keeps_the_endpoint() -> None:
    """It is nobody's but the gateway's, and lasts as long as the browser or as long as it is told to."""
    async with recording("v1", "v2") as [(v1, _), (v2, _)]:
        to = backend("v", v1.port, v2.port)
        async with edge(
            route("short", forward(to, affinity=SessionPersistence("s")), path="/short/"),
            route("long", forward(to, affinity=SessionPersistence("s", lifetime_s=3600)), path="/long"),
            route("regex", forward(to, affinity=SessionPersistence("s")), path=PathMatch(PathMatchKind.REGEX, "/r/.*")),
            route("odd", forward(to, affinity=SessionPersistence("s")), path="/o;Domain=test"),
            backends=[to],
        ) as port:
            assert set(await everyone(port, "/short/a")) == {"v1", "v2"}
            assert set(await everyone(port, "/long")) == {"v1", "v2"}
            async with Client(port) as client:
                for path, attributes in (
                    ("/short/a", "; Path=/short; SameSite=Lax; HttpOnly"),
                    ("/long", "; Max-Age=3600; Path=/long; SameSite=Lax; HttpOnly"),
                    ("/r/a", "; Path=/r; SameSite=Lax; HttpOnly"),
                    ("/o;Domain=test", "; Path=/; SameSite=Lax; HttpOnly"),
                ):
                    browser = Browser(client)
                    await browser.ask(path)
                    assert [cookie.partition(";")[2] for cookie in browser.set] == [attributes[1:]], path
                    await browser.ask(path)
                    assert browser.set == []


async def test_a_header_keeps_the_endpoint() -> None:
    """Clients send back what they were told."""
    async with recording("v1", "v2") as [(v1, _), (v2, _)]:
        to = backend("v", v1.port, v2.port)
        shop = route("shop", forward(to, affinity=SessionPersistence("x-session", in_header=True)))
        async with edge(shop, backends=[to]) as port, Client(port) as client:
            seen = set()
            for _ in range(12):
                first = await client.get("/")
                session = ("x-session", first.headers["x-session"])
                assert {who(await client.get("/", session)) for _ in range(5)} == {who(first)}
                seen.add(who(first))
            assert seen == {"v1", "v2"}


async def test_an_endpoint_that_is_gone_is_replaced() -> None:
    """Also one that never was: a client names no address of its own."""
    async with recording("v1") as [(_, to)]:
        shop = route("shop", forward(to, affinity=SessionPersistence("s")))
        async with edge(shop, backends=[to]) as port, Client(port) as client:
            browser = Browser(client)
            browser.cookies["s"] = '"Cg8xMjcuMC4wLjE6MTExMTE="'
            assert await browser.ask() == "v1"
            assert len(browser.set) == 1


def split(
    backends: Sequence[Backend], weights: Sequence[int], filters: BackendFilters | None, **more: object
) -> Forward:
    """A rule of several backends; the first has filters."""
    targets = [
        WeightedBackend(one.id, weight, None if i else filters)
        for i, (one, weight) in enumerate(zip(backends, weights, strict=True))
    ]
    return Forward(tuple(targets), **more)  # type: ignore[arg-type]  # keywords of a table


FILTERS = {
    "none": None,
    "headers": BackendFilters(request_headers=HeaderChanges(set=(HeaderChange("x-one", "1"),))),
    "rewrite": BackendFilters(rewrite=Rewrite(replace_path="/one")),
}


@pytest.mark.parametrize("filters", FILTERS)
async def test_a_session_stays_with_its_backend(filters: str) -> None:
    """Whatever the weights and filters: each backend has two endpoints."""
    async with recording("a1", "a2", "b1", "b2") as pairs:
        a1, a2, b1, b2 = (one.port for one, _ in pairs)
        a, b = backend("a", a1, a2), backend("b", b1, b2)
        shop = split([a, b], [1, 1], FILTERS[filters], affinity=SessionPersistence("s", lifetime_s=60))
        async with edge(route("shop", shop), backends=[a, b]) as port:
            seen = await everyone(port, "/", 24)
            assert set(seen) == {"a1", "a2", "b1", "b2"}
            one = next(recorded for recorded, _ in pairs if recorded.received)
            if filters == "headers":
                assert {r.header("x-one") for r in pairs[0][0].received} == {"1"}
                assert {r.header("x-one") for r in pairs[2][0].received} == {None}
            if filters == "rewrite":
                assert {r.path for r in pairs[0][0].received} == {"/one"}
            assert one.received


async def test_sessions_outlive_their_backends_share() -> None:
    """A weight of 0 takes no new sessions and ends none."""
    async with recording("a", "b") as [(_, a), (_, b)]:
        before = route("before", split([a, b], [1, 0], None, affinity=SessionPersistence("s")), headers={"x-v": "1"})
        after = route("after", split([a, b], [0, 1], None, affinity=SessionPersistence("s")))
        async with edge(before, after, backends=[a, b]) as port, Client(port) as client:
            first = await client.get("/", ("x-v", "1"))
            cookies = "; ".join(cookie.partition(";")[0] for cookie in first.all("set-cookie"))
            assert (who(first), first.all("set-cookie") != []) == ("a", True)
            assert {who(await client.get("/", ("cookie", cookies))) for _ in range(10)} == {"a"}
            assert {who(await client.get("/")) for _ in range(10)} == {"b"}


@pytest.mark.parametrize("filters", FILTERS)
async def test_a_managed_cookie_is_hashed(filters: str) -> None:
    """The gateway gives it to who has none; with several backends too."""
    async with recording("a1", "a2", "b1") as pairs:
        a1, a2, b1 = (one.port for one, _ in pairs)
        a, b = ring(backend("a", a1, a2)), ring(backend("b", b1))
        affinity = CookieHash("AGCAffinity", lifetime_s=86400, managed=True)
        async with edge(
            route("one", forward(a, affinity=affinity), path="/one"),
            route("two", split([a, b], [2, 1], FILTERS[filters], affinity=affinity), path="/two"),
            backends=[a, b],
        ) as port:
            await everyone(port, "/one", 4)
            await everyone(port, "/two", 12)
            async with Client(port) as client:
                browser = Browser(client)
                await browser.ask("/one")
                (cookie,) = browser.set
                assert cookie.partition(";")[2].strip() == "Max-Age=86400; Path=/; SameSite=Lax; HttpOnly"


async def test_an_applications_cookie_is_hashed() -> None:
    """Equal values go to one endpoint of one backend; who has none is given none."""
    async with recording("a1", "a2", "b1") as pairs:
        a1, a2, b1 = (one.port for one, _ in pairs)
        a, b = ring(backend("a", a1, a2)), ring(backend("b", b1))
        affinity = CookieHash("JSESSIONID")
        async with (
            edge(route("shop", split([a, b], [2, 1], None, affinity=affinity)), backends=[a, b]) as port,
            Client(port) as client,
        ):
            seen = set()
            for i in range(30):
                cookie = ("cookie", f"JSESSIONID={i}")
                (one,) = {who(await client.get("/", cookie)) for _ in range(4)}
                seen.add(one)
            assert seen == {"a1", "a2", "b1"}
            assert (await client.get("/")).all("set-cookie") == []


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/p1/p2/[^/]+/p3", "/p1/p2"),
        ("/p1/p2/?", "/p1/p2"),
        ("/p1/p2?", "/p1"),
        ("/p1/p.2/x", "/p1"),
        ("/a/b|/c/d", "/"),
        ("/(a|b)/c", "/"),
        ("/.*", "/"),
        (".*", "/"),
        ("/p1", "/"),
    ],
)
def test_the_cookies_path_of_a_pattern(pattern: str, path: str) -> None:
    """GEP-1619: what is certain of it, by whole elements."""
    shop = route(
        "r", forward(backend("a"), affinity=SessionPersistence("s")), path=PathMatch(PathMatchKind.REGEX, pattern)
    )
    made = compile_route(shop, {})[0]["typed_per_filter_config"][STATEFUL_SESSION]
    assert made["stateful_session"]["session_state"]["typed_config"]["cookie"]["path"] == path


async def test_cookies_are_secure_where_connections_are(test_certificate: tuple[str, str]) -> None:
    """Each that the gateway gives: of the endpoint, of the backend, of a ring."""
    chain, key = test_certificate
    async with recording("a", "b") as [(_, a), (_, b)]:
        ringed = ring(backend("ring", a.endpoints[0].port))
        routes = (
            route("kept", split([a, b], [1, 1], None, affinity=SessionPersistence("s")), path="/kept"),
            route("hashed", forward(ringed, affinity=CookieHash("s", managed=True)), path="/hashed"),
        )
        certificate = Certificate(ObjectName("shop", "test"), chain, key)
        secure = Listener("https", 443, Protocol.HTTPS, None, (certificate,), routes, span())
        port = free_port()
        this = world(http(*routes, port=port + 1), replace(secure, port=port), backends=(a, b, ringed))
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        async with (
            serving(compiled(this, port_offset=0).snapshot),
            Client(port, tls=anybody, sni="gateway.test") as by_https,
            Client(port + 1) as by_http,
        ):
            for path, count in (("/kept", 2), ("/hashed", 1)):
                cookies = (await by_https.get(path)).all("set-cookie")
                assert [("; Secure;" in one) for one in cookies] == [True] * count
                cookies = (await by_http.get(path)).all("set-cookie")
                assert [("; Secure;" in one) for one in cookies] == [False] * count
