"""Policies joined with routes: what is done again and what is not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.diagnostics import Found, Span
from tidegate.manifests import GatewayPlan, Level, ListenerPlan, Plan, PolicySource, RoutePlan, Scope
from tidegate.model import Forward, Gateway, Listener, ObjectKey, ObjectName, Protocol, Respond, Route, RouteMatch
from tidegate.pipeline.programs import PolicyMemory, join_policies
from tidegate.sources import Source

PLACE = Span("a", 1, 1, 1, 1)
DOCUMENT = """<policies>
  <inbound><base /><set-header name="X" exists-action="override"><value>1</value></set-header></inbound>
  <backend><base /></backend>
</policies>"""


def plan(text: str | None, *, closed: bool = False) -> Plan:
    route = Route("r", (), RouteMatch(), Forward(()), ObjectKey("", "HTTPRoute", "a", "r"), PLACE)
    planned = RoutePlan(route, (1,), (Scope(Level.API, "p"),), closed=closed)
    listener = Listener("http", 80, Protocol.HTTP, None, (), (), PLACE)
    gateway = GatewayPlan(Gateway(ObjectName("a", "g"), "127.0.0.1", (), PLACE), (ListenerPlan(listener, (planned,)),))
    source = None if text is None else Source("p.xml", text)
    return Plan((gateway,), policies={"p": PolicySource(source, ObjectKey("", "ApimPolicy", "a", "p"), PLACE)})


def only(gateways: tuple[Gateway, ...]) -> Route:
    (route,) = gateways[0].listeners[0].routes
    return route


def test_unchanged_documents_are_not_built_again() -> None:
    """The same program, as the same object; its findings are told again."""
    first = join_policies(plan(DOCUMENT), PolicyMemory(), Found())
    second = join_policies(plan(DOCUMENT), first.memory, Found())
    assert only(second.gateways).program is only(first.gateways).program
    assert second.broken == {}


def test_document_that_disappears_is_broken_not_gone() -> None:
    """The last good one goes on as long as something names it."""
    first = join_policies(plan(DOCUMENT), PolicyMemory(), Found())
    second = join_policies(plan(None), first.memory, Found())
    assert only(second.gateways).program is only(first.gateways).program
    assert list(second.broken.values()) == [True]
    fresh = join_policies(plan(None), PolicyMemory(), Found())
    assert isinstance(only(fresh.gateways).action, Respond)
    assert list(fresh.broken.values()) == [False]


def test_documents_that_do_not_merge_keep_the_last_program() -> None:
    """Each is well formed, and together they never forward."""
    first = join_policies(plan(DOCUMENT), PolicyMemory(), Found())
    alone = DOCUMENT.replace("<backend><base /></backend>", "")
    found = Found()
    second = join_policies(plan(alone), first.memory, found)
    assert only(second.gateways).program is not None
    if found.has_errors:
        assert only(second.gateways).program is only(first.gateways).program


def test_closed_route_has_no_program() -> None:
    """It answers before any policy would."""
    joined = join_policies(plan(DOCUMENT, closed=True), PolicyMemory(), Found())
    assert only(joined.gateways).program is None
    assert replace(PolicyMemory(), reads={}) == PolicyMemory()


_SPOKEN = {"p": Level.API, "q": Level.OPERATION, "g": Level.GLOBAL}
_TEXTS = (
    None,
    DOCUMENT,
    DOCUMENT.replace(">1<", ">2<"),
    DOCUMENT.replace(
        "<inbound><base />", "<inbound><base /><cors><allowed-origins><origin>*</origin></allowed-origins></cors>"
    ),
    DOCUMENT.replace("set-header", "no-such-policy"),
    DOCUMENT.replace("<backend><base /></backend>", ""),
)


@dataclass(frozen=True)
class Edit:
    """One change: a route of one of two listeners is put or dropped, or a document gets another text."""

    listener: int
    at: int
    precedence: int
    scopes: str
    closed: bool
    method: str | None
    document: str
    text: int
    what: str


_EDITS = st.builds(
    Edit,
    st.integers(0, 1),
    st.integers(0, 3),
    st.integers(0, 5),
    st.sampled_from(("", "p", "pq", "gp", "gpq", "q")),
    st.booleans(),
    st.sampled_from((None, "PUT")),
    st.sampled_from("pqg"),
    st.integers(0, len(_TEXTS) - 1),
    st.sampled_from(("put", "put", "drop", "document", "same")),
)


class _Changing:
    """Plans keep their identity until an edit touches them, as resolution's do."""

    def __init__(self) -> None:
        self.routes: list[list[RoutePlan]] = [[], []]
        self.policies = {id_: _policy(id_, 1) for id_ in _SPOKEN}

    def apply(self, edit: Edit) -> None:
        routes = self.routes[edit.listener]
        at = min(edit.at, len(routes))
        match edit.what:
            case "put":
                key = ObjectKey("", "HTTPRoute", "a", "r")
                route = Route(f"r{edit.at}", (), RouteMatch(method=edit.method), Forward(()), key, PLACE)
                scopes = tuple(Scope(_SPOKEN[id_], id_) for id_ in edit.scopes)
                routes[at : at + 1] = [RoutePlan(route, (edit.precedence,), scopes, closed=edit.closed)]
            case "drop":
                del routes[at : at + 1]
            case "document":
                self.policies = {**self.policies, edit.document: _policy(edit.document, edit.text)}

    @property
    def plan(self) -> Plan:
        listeners = tuple(
            ListenerPlan(Listener(name, 80, Protocol.HTTP, None, (), (), PLACE), tuple(routes))
            for name, routes in zip(("one", "two"), self.routes, strict=True)
        )
        gateway = Gateway(ObjectName("a", "g"), "127.0.0.1", (), PLACE)
        return Plan((GatewayPlan(gateway, listeners),), policies=self.policies)


def _policy(id_: str, text: int) -> PolicySource:
    source = None if _TEXTS[text] is None else Source(f"{id_}.xml", _TEXTS[text])
    return PolicySource(source, ObjectKey("", "ApimPolicy", "a", id_), PLACE)


@settings(deadline=None, max_examples=60)
@given(st.lists(_EDITS, min_size=2, max_size=12))
def test_joining_after_another_time_is_joining_from_scratch(edits: list[Edit]) -> None:
    """Only the last good versions come from before; and what did not change is the very same."""
    changing, memory = _Changing(), PolicyMemory()
    last: tuple[Gateway, ...] = ()
    for edit in edits:
        changing.apply(edit)
        found, found_from_scratch = Found(), Found()
        good = PolicyMemory(good=memory.good, good_programs=memory.good_programs)
        scratch = join_policies(changing.plan, good, found_from_scratch)
        made = join_policies(changing.plan, memory, found)
        assert made.gateways == scratch.gateways
        assert made.broken == scratch.broken
        assert found.sorted() == found_from_scratch.sorted()
        assert made.memory.good == scratch.memory.good
        assert made.memory.good_programs == scratch.memory.good_programs
        assert made.memory.built == scratch.memory.built
        if edit.what == "same" and last:
            assert made.gateways[0] is last[0]
        memory, last = made.memory, made.gateways
