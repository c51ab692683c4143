"""Attached policies joined to backends, routes and listeners, and worked out again only where they matter."""

from __future__ import annotations

from authorities import Authority
from compiling import compiled
from tidegate.manifests.alb import RouteSettings
from tidegate.manifests.attached import with_settings
from tidegate.model import (
    Backend,
    BackendTls,
    CookieHash,
    Forward,
    LoadBalancing,
    LoadBalancingStrategy,
    Redirect,
    SessionPersistence,
    Timeouts,
)
from tidegate.pipeline import Compilation

WORLD = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
"""
ROUTE_POLICY = """
apiVersion: alb.networking.azure.io/v1
kind: RoutePolicy
metadata: {name: p, namespace: shop}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}
  default: {timeouts: {routeTimeout: %s}}
"""
TLS_POLICY = """
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: %s}]
  validation: {hostname: cart.test, wellKnownCACertificates: System}
"""
AFFINITY = ROUTE_POLICY.replace("timeouts: {routeTimeout: %s}", "sessionAffinity: {affinityType: managed-cookie}")


def world(policy: str, previous: Compilation | None = None) -> Compilation:
    return compiled({"a.yaml": WORLD, "b.yaml": policy}, previous=previous)


def forward(compilation: Compilation) -> Forward:
    (route,) = compilation.world.gateways[0].listeners[0].routes
    assert isinstance(route.action, Forward)
    return route.action


def backend(compilation: Compilation) -> Backend:
    (one,) = compilation.world.backends.values()
    return one


def test_a_rules_own_settings_count_before_the_policys() -> None:
    """Timeouts and sessions, each by itself; what does not forward has neither."""
    settings = RouteSettings(Timeouts(5.0), CookieHash("c"))
    assert with_settings(Forward(()), settings) == Forward((), timeouts=Timeouts(5.0), affinity=CookieHash("c"))
    own = Forward((), timeouts=Timeouts(None, 1.0))
    assert with_settings(own, settings) == Forward((), timeouts=Timeouts(None, 1.0), affinity=CookieHash("c"))
    kept = Forward((), affinity=SessionPersistence("s"))
    assert with_settings(kept, settings) == Forward((), timeouts=Timeouts(5.0), affinity=SessionPersistence("s"))
    assert with_settings(Redirect(), settings) == Redirect()
    assert with_settings(own, RouteSettings()) is own


def test_policies_come_and_go() -> None:
    """What was compiled before changes nothing of what comes out."""
    last = world("")
    assert forward(last).timeouts == Timeouts()
    for timeout, seconds in (("5s", 5.0), ("7s", 7.0)):
        last = world(ROUTE_POLICY % timeout, last)
        assert forward(last).timeouts == Timeouts(seconds)
    last = world(TLS_POLICY % "cart", last)
    assert (forward(last).timeouts, backend(last).tls) == (Timeouts(), BackendTls("cart.test", None))
    last = world(TLS_POLICY % "crat", last)
    assert (backend(last).tls, backend(last).endpoints) == (None, ())
    last = world("", last)
    assert (backend(last).tls, len(backend(last).endpoints)) == (None, 1)


def test_sessions_that_stick_make_a_ring() -> None:
    """Of the Services that the route sends to."""
    made = world(AFFINITY)
    assert forward(made).affinity == CookieHash("AGCAffinity", 86_400.0, managed=True)
    assert backend(made).load_balancing == LoadBalancing(LoadBalancingStrategy.RING_HASH)


def test_tls_that_only_passes_through_is_not_ours() -> None:
    """A BackendTLSPolicy that cannot be kept closes what the gateway would encrypt, not what the client does."""
    through = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: tls, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: t, namespace: shop}
spec: {parentRefs: [{name: tls}], hostnames: [a.test], rules: [{backendRefs: [{name: cart, port: 80}]}]}
"""
    made = compiled({"a.yaml": WORLD + through, "b.yaml": TLS_POLICY % "crat"})
    endpoints = {id_.variant: len(one.endpoints) for id_, one in made.world.backends.items()}
    assert endpoints == {"": 0, "passthrough": 1}


def test_a_policy_concerns_what_it_names() -> None:
    """Another Service's backend stays the very object."""
    other = WORLD.replace("name: cart", "name: stock").replace("name: r,", "name: s,").split("---")
    files = {"a.yaml": WORLD, "c.yaml": "---".join(other[1:]), "b.yaml": ""}
    before = compiled(files)
    after = compiled({**files, "b.yaml": TLS_POLICY % "cart"}, previous=before)
    cart, stock = sorted(after.world.backends)
    assert after.world.backends[cart].tls is not None
    assert after.world.backends[stock] is before.world.backends[stock]


def test_a_listener_that_cannot_check_its_clients_does_not_open() -> None:
    """And says why; with the authority it does."""
    authority = Authority()
    leaf = authority.issue("shop.test")
    quoted = {
        name: '"' + text.replace("\n", "\\n") + '"'
        for name, text in (("ca", authority.pem), ("crt", leaf.chain_pem), ("key", leaf.key_pem))
    }
    https = (
        WORLD.replace(
            "{name: http, port: 80, protocol: HTTP}",
            "{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}",
        )
        + f"""
---
apiVersion: v1
kind: Secret
metadata: {{name: c, namespace: shop}}
type: kubernetes.io/tls
stringData: {{tls.crt: {quoted["crt"]}, tls.key: {quoted["key"]}}}
"""
    )
    policy = """
apiVersion: alb.networking.azure.io/v1
kind: FrontendTLSPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: edge, sectionNames: [https]}
  default: {verify: {caCertificateRef: {name: ca}}}
"""
    secret = f"""
---
apiVersion: v1
kind: Secret
metadata: {{name: ca, namespace: shop}}
stringData: {{ca.crt: {quoted["ca"]}}}
"""
    closed = compiled({"a.yaml": https, "b.yaml": policy})
    assert closed.world.gateways[0].listeners == ()
    opened = compiled({"a.yaml": https, "b.yaml": policy + secret}, previous=closed)
    (listener,) = opened.world.gateways[0].listeners
    assert listener.tls.client_validation is not None
    assert (listener.tls.minimum_version, listener.tls.maximum_version) == ("1.2", "1.2")
