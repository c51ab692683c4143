"""Resolution after resolution: what is asked again, and what stays the very object."""

from __future__ import annotations

import pytest

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests import Memory, Plan, Resolved, gather, resolve
from tidegate.manifests.apiops import ArtifactMemory
from tidegate.model import Endpoint, ObjectName

GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
"""
ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: %s, namespace: shop}
spec:
  parentRefs: [{name: edge, sectionName: http}]
  rules: [{matches: [{path: {value: /}}], backendRefs: [{name: cart, port: 80}]}]
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 80}]}
"""
OTHER = SERVICE.replace("cart", "stock")
SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{port: 9001}]
endpoints: [{addresses: [127.0.0.1]}]
"""
FILES = {"gateway.yaml": GATEWAY, "cart.yaml": SERVICE, **{f"{n}.yaml": ROUTE % n for n in "abc"}}


class Session:
    """Resolution after resolution."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.memory = Memory()
        self.plan = Plan()
        self.resolve()

    def resolve(self, **edits: str | None) -> tuple[Plan, Plan, set[str]]:
        """The plan before, the plan after, and which queries ran."""
        for name, text in edits.items():
            self.files[f"{name}.yaml"] = text or "# nothing"
        sources = sources_of(self.files)
        gathered = gather(sources, self.memory, Found())
        last = self.plan.resolved if isinstance(self.plan.resolved, Resolved) else None
        before = self.plan
        self.plan = resolve(
            gathered,
            sources,
            bind="127.0.0.1",
            replicas={ObjectName("shop", "cart"): (Endpoint("127.0.0.1", 7001),)},
            run_workloads=False,
            before=ArtifactMemory(),
            found=Found(),
            last=last,
        )
        self.memory = gathered.memory
        assert isinstance(self.plan.resolved, Resolved)
        return before, self.plan, set(self.plan.resolved.ran)


def test_nothing_changed_nothing_asked() -> None:
    """Not one query runs."""
    _, _, ran = Session().resolve()
    assert not ran


def test_one_route_concerns_itself() -> None:
    """The others' plans stay the very objects, and so do listener and backends."""
    before, after, ran = Session().resolve(b=(ROUTE % "b").replace("value: /", "value: /b"))
    old, new = before.gateways[0].listeners[0], after.gateways[0].listeners[0]
    assert [a is b for a, b in zip(old.routes, new.routes, strict=True)] == [True, False, True]
    assert new.listener is old.listener
    assert after.backends is before.backends
    assert "backend" not in ran


def test_endpoints_concern_no_route() -> None:
    """A slice, or a Service's annotation, changes one backend: every GatewayPlan stays the very object."""
    session = Session()
    for edits in ({"slice": SLICE}, {"cart": SERVICE.replace("8001", "8002")}, {"slice": None}):
        before, after, ran = session.resolve(**edits)
        assert all(new is old for new, old in zip(after.gateways, before.gateways, strict=True))
        assert not {"http_resolution", "http_plans", "plans_of", "attachments"} & ran


def test_a_service_that_nobody_names_concerns_nobody() -> None:
    """Nor does its going: only what lists Services looks, and finds nothing new."""
    session = Session()
    assert not session.resolve(stock=OTHER)[2] - {"whole", "workloads", "_services_in"}
    assert not session.resolve(stock=None)[2] - {"whole", "workloads", "_services_in"}


def test_another_listener_concerns_nobody_who_names_his_own() -> None:
    """Routes with a sectionName are not even looked at."""
    more = GATEWAY.replace("}]", "}, {name: more, port: 81, protocol: HTTP}]")
    before, after, ran = Session().resolve(gateway=more)
    assert after.gateways[0].listeners[0].routes is before.gateways[0].listeners[0].routes
    assert "http_plans" not in ran


@pytest.mark.parametrize("broken", ["spec: [", "spec: {rules: 5}", ""])
def test_breaking_and_mending(broken: str) -> None:
    """A route that was broken and is as it was before is as it was before."""
    session = Session()
    first = session.plan
    session.resolve(b=broken)
    _, mended, _ = session.resolve(b=ROUTE % "b")
    assert mended.gateways == first.gateways
    assert mended.backends == first.backends
