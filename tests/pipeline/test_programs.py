"""Policies joined with routes: what is done again and what is not."""

from __future__ import annotations

from dataclasses import replace

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
