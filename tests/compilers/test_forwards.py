"""Real Envoy: what becomes of a request that is forwarded."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from edges import edge, recording, until
from real_envoy import Client, free_port, get
from recording_backends import Reply
from tidegate.compilers.forwards import forward_action
from tidegate.model import HeaderChange, HeaderChanges, Mirror, PathMatch, PathMatchKind, Retry, Timeouts
from worlds import backend, forward, route

pytestmark = pytest.mark.e2e

# The table of HTTPPathModifier.replacePrefixMatch, and what follows from it.
PREFIXES = [
    ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
    ("/foo", "/foo", "/xyz", "/xyz"),
    ("/foo/", "/foo", "/xyz", "/xyz/"),
    ("/foo/bar", "/foo", "", "/bar"),
    ("/foo/bar", "/foo", "/", "/bar"),
    ("/foo/", "/foo", "", "/"),
    ("/foo/", "/foo", "/", "/"),
    ("/foo", "/foo", "/", "/"),
    ("/bar", "/", "/xyz", "/xyz/bar"),
    ("/", "/", "/xyz", "/xyz/"),
    ("/a.b/c", "/a.b", r"/x$1\1", r"/x$1\1/c"),
]


async def test_prefixes_are_replaced() -> None:
    """By path element; the query stays, and there is never a double slash."""
    async with recording("v1") as [(v1, to)]:
        routes = [
            route(f"r{i}", forward(to, replace_prefix=replacement), path=match, headers={"x-case": str(i)})
            for i, (_, match, replacement, _) in enumerate(PREFIXES)
        ]
        async with edge(*routes, backends=[to]) as port, Client(port) as client:
            for i, (path, _, _, expected) in enumerate(PREFIXES):
                assert (await client.get(f"{path}?q=/foo", ("x-case", str(i)))).status == 200
                assert v1.last.path == f"{expected}?q=/foo", PREFIXES[i]


async def test_whole_paths_and_hosts_are_replaced() -> None:
    """Whatever matched; the query stays. A Host that a header filter sets wins."""
    host = HeaderChanges(set=(HeaderChange("Host", "set.test"),))
    pattern = PathMatch(PathMatchKind.REGEX, "/[a-z]+/x")
    async with (
        recording("v1") as [(v1, to)],
        edge(
            route("regex", forward(to, replace_path=r"/one\1/two%41"), path=pattern),
            route("top", forward(to, replace_path=""), path="/top"),
            route("host", forward(to, host="inside.test"), path="/host"),
            route("both", forward(to, host="inside.test"), path="/both", request_headers=host),
            backends=[to],
        ) as port,
        Client(port) as client,
    ):
        for path, seen, host_seen in (
            ("/abc/x?q=1", r"/one\1/two%41?q=1", "gateway.test"),
            ("/top/deep", "/", "gateway.test"),
            ("/top?q=/top", "/?q=/top", "gateway.test"),
            ("/host", "/host", "inside.test"),
            ("/both", "/both", "set.test"),
        ):
            assert (await client.get(path)).status == 200
            assert (v1.last.path, v1.last.host) == (seen, host_seen)


async def test_mirrors_get_copies() -> None:
    """Each its own share, with the request's Host, the filters' changes and the proof for the mirror alone."""
    changes = HeaderChanges(set=(HeaderChange("x-by", "edge"),))
    async with recording("v1", "m1", "m2") as [(v1, to), (m1, first), (m2, second)]:
        m1.default = Reply(hang=True)
        mirrors = (Mirror(first.id), Mirror(second.id, numerator=1, denominator=4))
        shop = route("shop", forward(to, mirrors=mirrors), request_headers=changes)
        async with edge(shop, backends=[to, first, second]) as port, Client(port) as client:
            forged = ("x-gateway-authorization", "Bearer forged")
            for _ in range(400):
                assert (await client.get("/a?b=c", forged)).status == 200
            await until(lambda: len(m1.received) == 400)
        assert 60 < len(m2.received) < 140
        for one in (m1.last, m2.last, v1.last):
            assert (one.path, one.host, one.header("x-by")) == ("/a?b=c", "gateway.test", "edge")
            assert one.header("x-gateway-authorization") == "Bearer test"
        assert not [name for name, _ in v1.last.headers if name.startswith("x-envoy")]


async def test_nobody_is_mirrored_to_at_zero() -> None:
    """Zero percent is no request."""
    async with recording("v1", "m1") as [(_, to), (m1, first)]:
        shop = route("shop", forward(to, mirrors=(Mirror(first.id, numerator=0),)))
        async with edge(shop, backends=[to, first]) as port, Client(port) as client:
            for _ in range(50):
                assert (await client.get("/")).status == 200
        assert m1.received == []


async def test_a_request_has_its_time() -> None:
    """Of the whole, and of one try; the answer is ours."""
    async with recording("v1") as [(v1, to)]:
        v1.default = Reply(hang=True)
        async with edge(
            route("whole", forward(to, timeouts=Timeouts(request_s=0.2)), path="/whole"),
            route("try", forward(to, timeouts=Timeouts(backend_request_s=0.2)), path="/try"),
            backends=[to],
        ) as port:
            for path in ("/whole", "/try"):
                v1.forget()
                v1.default = Reply(hang=True)
                start = time.monotonic()
                answer = await get(port, path)
                assert 0.19 <= time.monotonic() - start < 20
                assert (answer.status, len(v1.received)) == (504, 1)
                assert "did not answer in time" in answer.body


CASES: list[tuple[str, Retry | None, list[Reply], int, int]] = [
    ("codes", Retry((500, 503)), [Reply(500), Reply(503)], 200, 3),
    ("other-codes", Retry((500,)), [Reply(503)], 503, 1),
    ("attempts", Retry((500,), attempts=1), [Reply(500), Reply(500)], 500, 2),
    ("many", Retry((500,), attempts=4, backoff_s=0.001), [Reply(500)] * 4, 200, 5),
    ("none", Retry((500,), attempts=0), [Reply(500)], 500, 1),
    ("cut", Retry((500,)), [Reply(cut=True)], 200, 2),
    ("no-codes", Retry(), [Reply(cut=True)], 200, 2),
    ("no-codes-500", Retry(), [Reply(500)], 500, 1),
    ("default", None, [Reply(500)], 500, 1),
    ("default-cut", None, [Reply(cut=True)], 503, 1),
]


async def test_retries_are_counted_at_the_backend() -> None:
    """After the codes that are given and connection errors; by default only where no backend can have begun."""
    async with recording("v1") as [(v1, to)]:
        routes = [route(name, forward(to, retry=retry), path=f"/{name}") for name, retry, *_ in CASES]
        async with edge(*routes, backends=[to]) as port, Client(port) as client:
            for name, _, replies, status, tries in CASES:
                v1.forget()
                v1.replies.extend(replies)
                answer = await client.get(f"/{name}", method="POST")
                assert (answer.status, len(v1.received)) == (status, tries), name


async def test_a_try_that_takes_too_long_is_repeated() -> None:
    """HTTPRouteRetry with backendRequest; the whole has its own bound."""
    retry = Retry(attempts=2, backoff_s=0.001)
    async with (
        recording("v1") as [(v1, to)],
        edge(
            route("try", forward(to, retry=retry, timeouts=Timeouts(backend_request_s=0.2)), path="/try"),
            route("all", forward(to, retry=retry, timeouts=Timeouts(0.3, 0.2)), path="/all"),
            backends=[to],
        ) as port,
    ):
        v1.replies.extend([Reply(hang=True), Reply(hang=True)])
        assert (await get(port, "/try")).status == 200
        assert len(v1.received) == 3
        v1.forget()
        v1.replies.extend([Reply(hang=True), Reply(hang=True)])
        assert (await get(port, "/all")).status == 504
        assert len(v1.received) == 2


async def test_nobody_listening_is_tried_again_elsewhere() -> None:
    """Without any retry asked for."""
    async with recording("v1") as [(v1, _)]:
        to = backend("v1", free_port(), v1.port)
        async with edge(route("all", forward(to)), backends=[to]) as port, Client(port) as client:
            assert {(await client.get("/")).status for _ in range(20)} == {200}


@pytest.mark.parametrize(
    ("timeouts", "expected"),
    [
        (Timeouts(), {"timeout": "60s"}),
        (Timeouts(request_s=0), {"timeout": "0s", "idle_timeout": "3600s"}),
        (Timeouts(request_s=0.25), {"timeout": "0.25s"}),
        (Timeouts(request_s=600), {"timeout": "600s", "idle_timeout": "600s"}),
        (Timeouts(backend_request_s=90), {"timeout": "90s"}),
        (Timeouts(backend_request_s=0), {"timeout": "0s", "idle_timeout": "3600s"}),
        (Timeouts(10, 2), {"timeout": "10s"}),
    ],
)
def test_timeouts_that_nobody_said_cut_off_none_that_somebody_did(timeouts: Timeouts, expected: dict[str, Any]) -> None:
    """A minute by default; a stream may be idle as long as its request may take."""
    made = forward_action(route("r", forward(None)), forward(None, timeouts=timeouts))
    assert {key: made[key] for key in made if key.endswith("timeout")} == expected
    limit = timeouts.backend_request_s
    assert made.get("retry_policy", {}).get("per_try_timeout") == (f"{limit:g}s" if limit else None)


def test_a_missing_backend_of_grpc_is_unavailable() -> None:
    """GRPCBackendRef; Envoy makes the gRPC status UNAVAILABLE of 503, and UNKNOWN of 500."""
    shop = route("r", forward(None))
    assert forward_action(shop, forward(None))["cluster_not_found_response_code"] == "INTERNAL_SERVER_ERROR"
    grpc = replace(shop, match=replace(shop.match, grpc=True))
    assert forward_action(grpc, forward(None))["cluster_not_found_response_code"] == "SERVICE_UNAVAILABLE"
