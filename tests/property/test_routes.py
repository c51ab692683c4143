"""Every route that the model can say is one that Envoy takes."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import pytest

from real_envoy import inlined, refusal
from tidegate.compilers.routes import compile_route
from tidegate.envoy.convert import to_any
from tidegate.envoy.resources import ROUTE
from tidegate.envoy.routes import route_configuration, virtual_host
from tidegate.model import (
    BackendFilters,
    CookieHash,
    Cors,
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    Mirror,
    PathMatch,
    PathMatchKind,
    PolicyProgram,
    QueryMatch,
    Redirect,
    Respond,
    Retry,
    Rewrite,
    Route,
    RouteMatch,
    SessionPersistence,
    Timeouts,
    ValueMatchKind,
    WeightedBackend,
)
from worlds import backend, compiled, http, route, world

T = TypeVar("T")

SERVICES = [backend(name, 8000 + i) for i, name in enumerate("abc")]
ODD = "100% of \\1 {\"'}"
PATHS = ("/", "/a", "/a/", "/a.b/c%20d", "/100%25")
NAMES = ("x-a", "X_A", "x.a-b", "origin", "vary", "%x%", "set-cookie")


class Dice:
    """Draws routes. The same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def some(self, *options: T) -> T:
        return self.random.choice(options)

    def maybe(self, value: T) -> T | None:
        return self.some(value, None)

    def few(self, *options: T) -> tuple[T, ...]:
        return tuple(self.random.sample(options, self.random.randrange(min(3, len(options)) + 1)))

    def changes(self) -> HeaderChanges:
        names = [*self.few(*NAMES)]
        lists: dict[str, list[Any]] = {"set": [], "add": [], "remove": []}
        for name in names:
            kind = self.some("set", "add", "remove")
            lists[kind].append(name if kind == "remove" else HeaderChange(name, self.some("", "v", ODD)))
        return HeaderChanges(**{kind: tuple(values) for kind, values in lists.items()})

    def match(self) -> RouteMatch:
        kind = self.some(*PathMatchKind)
        value = self.some("/[a-z]+(/.*)?", "/a|/b") if kind is PathMatchKind.REGEX else self.some(*PATHS)
        values = ValueMatchKind
        return RouteMatch(
            PathMatch(kind, value, self.some(True, False)),
            self.few(HeaderMatch("x-a", ODD), HeaderMatch("host", "a.*", values.REGEX), HeaderMatch("origin", "a")),
            self.some(None, "GET", "OPTIONS"),
            self.few(QueryMatch("a", "é &"), QueryMatch("b", "[0-9]+", values.REGEX)),
            grpc=self.some(True, False, False),
        )

    def cors(self) -> Cors:
        return Cors(
            self.few("https://a.test", "https://*.b.test:8443", "http://*", "*") or ("*",),
            self.some(True, False),
            self.few("GET", "PUT", "*"),
            self.few(*NAMES, "*"),
            self.few(*NAMES, "*"),
            self.some(0, 600),
        )

    def mirrors(self) -> tuple[Mirror, ...]:
        return self.few(*(Mirror(one.id, *self.some((1, 3), (0, 100), (100, 100), (7, 2**31))) for one in SERVICES))

    def redirect(self, *, prefix: bool) -> Redirect:
        port = self.some(None, 80, 443, 8443)
        return Redirect(
            self.some(None, "http", "https"),
            self.maybe("o.test"),
            port,
            *self.paths(prefix=prefix),
            self.some(301, 302, 303, 307, 308),
            keeps_port=self.some(True, False),
        )

    def paths(self, *, prefix: bool) -> tuple[str | None, str | None]:
        return self.some((None, None), (self.some(*PATHS), None), *([(None, self.some("", *PATHS))] * prefix))

    def filters(self, *, prefix: bool) -> BackendFilters:
        return BackendFilters(
            self.changes(),
            self.changes(),
            self.maybe(Rewrite(self.maybe("n.test"), *self.paths(prefix=prefix))),
            self.some(None, None, None, self.redirect(prefix=prefix)),
            self.some((), (), self.mirrors()),
            self.some(None, None, self.cors()),
        )

    def weighted(self, *, prefix: bool) -> WeightedBackend:
        backend_id = self.some(None, *(one.id for one in SERVICES))
        return WeightedBackend(backend_id, self.some(0, 1, 99, 1_000_000), self.maybe(self.filters(prefix=prefix)))

    def forward(self, *, prefix: bool) -> Forward:
        path, replacement = self.paths(prefix=prefix)
        lifetime = self.some(None, 60.0, 0.5)
        return Forward(
            tuple(self.weighted(prefix=prefix) for _ in range(self.random.randrange(1, 4))),
            replace_prefix=replacement,
            host=self.maybe("h.test"),
            replace_path=path,
            mirrors=self.mirrors(),
            timeouts=Timeouts(self.some(None, 0, 0.001, 86_400), self.some(None, 0, 0.001)),
            retry=self.some(None, Retry(), Retry((500, 503), self.some(None, 0, 9), self.some(None, 0, 0.0001, 60))),
            affinity=self.some(
                None,
                SessionPersistence("s%", self.some(True, False), lifetime),
                CookieHash("c", lifetime, self.some(True, False)),
            ),
        )

    def route(self, name: str) -> Route:
        match = self.match()
        prefix = match.path.kind is PathMatchKind.PREFIX
        action = self.some(
            self.forward(prefix=prefix), self.forward(prefix=prefix), self.redirect(prefix=prefix), Respond(503)
        )
        drawn = route(name, action, request_headers=self.changes(), response_headers=self.changes())
        program = PolicyProgram("d", "return {}") if isinstance(action, Forward) else None
        return replace(drawn, match=match, cors=self.some(None, self.cors()), program=self.some(None, program))


@pytest.mark.parametrize("seed", range(200))
def test_every_route_is_protobuf_and_the_same_again(seed: int) -> None:
    """No field is misspelt, none is of the wrong type, and nothing depends on what came before."""
    made = compile_route(Dice(seed).route("r"), {})
    assert json.dumps(made) == json.dumps(compile_route(Dice(seed).route("r"), {}))
    assert to_any(ROUTE, route_configuration("r", [virtual_host(["*"], list(made))])).value


@pytest.mark.e2e
def test_envoy_takes_every_route() -> None:
    """Its own rules for values hold in whatever combination."""
    routes = [Dice(seed).route(f"r{seed}") for seed in range(400)]
    result = compiled(world(http(*routes), backends=tuple(SERVICES)), runtime="-- the library")
    assert refusal(inlined(result.snapshot)) == ""
