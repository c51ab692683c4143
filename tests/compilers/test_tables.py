"""A world after another compiles to what it would from scratch, and what is the same is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.compilers import WorldMemory
from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, ROUTE
from tidegate.model import (
    Backend,
    Certificate,
    HeaderChange,
    HeaderChanges,
    IssuerMetadata,
    Listener,
    ObjectName,
    PolicyProgram,
    Protocol,
    Route,
    World,
)
from worlds import backend, compiled, forward, http, route, span, world

_HOSTS = ("", "a.test", "b.a.test", "*.a.test", "*.test")
_URL = "https://issuer.test/metadata"
_PROGRAMS = (None, PolicyProgram("d1", "-- one", issuers=(_URL,)), PolicyProgram("d2", "-- two"))


@dataclass(frozen=True)
class Edit:
    """One change of a world of a few listeners, each with a few routes."""

    listener: int
    at: int
    what: str
    """put, drop, swap, endpoint, certificate or issuer."""
    revision: int
    host: str
    program: int


_EDITS = st.builds(
    Edit,
    st.integers(0, 3),
    st.integers(0, 4),
    st.sampled_from(("put", "put", "put", "drop", "swap", "endpoint", "certificate", "issuer", "same")),
    st.integers(0, 2),
    st.sampled_from(_HOSTS),
    st.integers(0, 2),
)


class Changing:
    """Objects keep their identity until an edit touches them, as the readers' do."""

    def __init__(self) -> None:
        self.routes: list[list[Route]] = [[], [], [], []]
        self.backends = [backend(name, 8000) for name in ("one", "two")]
        self.certificate = _certificate(0)
        self.issuers: dict[str, IssuerMetadata] = {}
        self.listeners: list[Listener] = []
        self.apply(Edit(0, 0, "same", 0, "", 0))

    def apply(self, edit: Edit) -> None:
        routes = self.routes[edit.listener]
        at = min(edit.at, len(routes))
        match edit.what:
            case "put":
                routes[at : at + 1] = [self._route(edit)]
            case "drop":
                del routes[at : at + 1]
            case "swap":
                routes.reverse()
            case "endpoint":
                index = edit.at % 2
                self.backends[index] = backend(("one", "two")[index], 8000 + edit.revision)
            case "certificate":
                self.certificate = _certificate(edit.revision)
            case "issuer":
                self.issuers = {_URL: IssuerMetadata(_URL, f"issuer {edit.revision}", ())}
        self.listeners = [
            http(*self.routes[0], name="plain"),
            http(*self.routes[1], name="wildcard", hostname="*.a.test"),
            _secure("secure", "a.test", self.certificate, self.routes[2]),
            _secure("unserved", "b.a.test", None if edit.revision else self.certificate, self.routes[3]),
        ]

    def _route(self, edit: Edit) -> Route:
        allowed = {1: "*.a.test", 2: "a.test", 3: "b.a.test"}.get(edit.listener, edit.host)
        return route(
            f"r{edit.listener}-{edit.at}-{edit.host}",
            forward(self.backends[edit.at % 2]),
            hosts=(allowed,) if edit.host else (),
            line=edit.revision + 1,
            request_headers=HeaderChanges(add=(HeaderChange("Host", "x"),) if edit.revision == 2 else ()),
            response_headers=HeaderChanges(set=(HeaderChange("x", str(edit.revision)),)),
            program=_PROGRAMS[edit.program],
        )

    @property
    def world(self) -> World:
        return world(*self.listeners, backends=tuple(self.backends), unmatched_body="{}")


def _certificate(revision: int) -> Certificate:
    return Certificate(ObjectName("shop", "tls"), f"chain {revision}", "key")


def _secure(name: str, hostname: str, certificate: Certificate | None, routes: Sequence[Route]) -> Listener:
    certificates = (certificate,) if certificate is not None else ()
    return Listener(name, 443, Protocol.HTTPS, hostname, certificates, tuple(routes), span())


@settings(deadline=None, max_examples=60)
@given(st.lists(_EDITS, min_size=1, max_size=12))
def test_a_world_after_another_compiles_to_what_it_would_from_scratch(edits: list[Edit]) -> None:
    """Resources, versions, digest, proofs, places and findings."""
    changing, memory = Changing(), None
    for edit in edits:
        changing.apply(edit)
        made = compiled(changing.world, issuers=changing.issuers, before=memory)
        scratch = compiled(changing.world, issuers=changing.issuers)
        assert {url: dict(named) for url, named in made.snapshot.resources.items()} == {
            url: dict(named) for url, named in scratch.snapshot.resources.items()
        }
        assert made.snapshot.digest == scratch.snapshot.digest
        assert made.snapshot.versions == scratch.snapshot.versions
        assert made.snapshot.external_secrets == scratch.snapshot.external_secrets
        assert made.proof_secrets == scratch.proof_secrets
        assert dict(made.source_map) == dict(scratch.source_map)
        assert made.diagnostics == scratch.diagnostics
        memory = made.memory


def _after(first: World, second: World) -> tuple[WorldMemory, WorldMemory]:
    one = compiled(first).memory
    assert one is not None
    other = compiled(second, before=one).memory
    assert other is not None
    return one, other


def _many(*revisions: int) -> list[Route]:
    to = forward(_CART)
    return [
        route(f"r{index}", to, hosts=(f"h{index}.test",), line=revision + 1, path=f"/{revision}")
        for index, revision in enumerate(revisions)
    ]


_CART: Backend = backend("cart", 8001)


def test_only_the_virtual_host_of_a_changed_route_is_made_again() -> None:
    """The others are the very same, and so is every other resource."""
    old = _many(0, 0, 0)
    new = [old[0], _many(0, 1, 0)[1], old[2]]
    before, after = _after(world(http(*old), backends=(_CART,)), world(http(*new), backends=(_CART,)))
    tables = [each.snapshot.resources[ROUTE]["http/127.0.0.1:8080"]["virtual_hosts"] for each in (before, after)]
    kept = [one["name"] for one, other in zip(*tables, strict=True) if one is other]
    assert kept == ["*", "h0.test", "h2.test"]
    for type_url in (LISTENER, CLUSTER, ENDPOINT):
        assert after.snapshot.table(type_url) is before.snapshot.table(type_url)


def test_changed_endpoints_touch_nothing_else() -> None:
    """Not even the cluster."""
    first = world(http(*_many(0, 0)), backends=(_CART,))
    moved = replace(first, backends={_CART.id: backend("cart", 8002)})
    before, after = _after(first, moved)
    changed = [table.type_url for table in after.snapshot.tables if table is not before.snapshot.table(table.type_url)]
    assert changed == [ENDPOINT]
