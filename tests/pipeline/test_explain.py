"""A request through a compiled world, in words."""

from __future__ import annotations

import json

import pytest

from compiling import TESTDATA_BASE, compiled
from gateway_certificates import authority
from tidegate.pipeline import Explanation, Settings, explain

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
ROUTES = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: a, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: ["*.example.com"]
  rules:
    - matches: [{path: {type: Exact, value: /exact}, method: GET}]
      backendRefs: [{name: cart, port: 80, weight: 3}, {name: stock, port: 80}]
    - matches: [{path: {value: /pre}, headers: [{name: x-a, value: "1"}]}]
      backendRefs: [{name: nothing, port: 80}]
    - matches: [{path: {type: RegularExpression, value: "/re/[0-9]+"}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: b, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: stock, port: 80}]}]
"""


def explained(method: str, url: str, **headers: str) -> Explanation:
    return explain(
        compiled(SHOP + ROUTES), method, url, {k.replace("_", "-"): v for k, v in headers.items()}, Settings()
    )


@pytest.mark.parametrize(
    ("method", "url", "route", "outcome"),
    [
        ("GET", "http://a.example.com:8080/exact", "shop/a#0.0", "forwarded to shop/cart:80 or shop/stock:80"),
        ("GET", "http://a.example.com/exact?q=1", "shop/a#0.0", "forwarded to shop/cart:80 or shop/stock:80"),
        ("POST", "http://a.example.com:8080/exact", "", "404: no route matches"),
        ("GET", "http://a.example.com:8080/re/12", "shop/a#2.0", "500: no backend has a weight"),
        ("GET", "http://shop.example.com:8080/exact", "shop/b#0.0", "forwarded to shop/stock:80"),
        ("GET", "http://example.org:8080/", "", "404: no route matches"),
        ("GET", "https://a.example.com:8080/", "", "port 8080 speaks HTTP"),
        ("GET", "http://a.example.com:9999/", "", "no listener has port 9999; served are 8080"),
        ("GET", "http://a.example.com:port/", "", "this is no URL"),
    ],
)
def test_request_meets_its_route(method: str, url: str, route: str, outcome: str) -> None:
    """The local port or the listener's own, the host, the path, the method: the route that Envoy would choose."""
    explanation = explained(method, url)
    assert (explanation.route, explanation.outcome) == (route, outcome)


def test_losers_say_why() -> None:
    """Each route that was not met says what it wanted, or who came first."""
    explanation = explained("get", "http://localhost:8080/pre/x", Host="b.example.com:8080", x_a="2")
    assert [(each.route, each.reason) for each in explanation.losers] == [
        ("shop/a#0.0", "wants path Exact `/exact`"),
        ("shop/a#2.0", "wants path RegularExpression `/re/[0-9]+`"),
        ("shop/a#1.0", "wants header x-a: 1"),
        ("shop/b#0.0", "serves shop.example.com"),
    ]


def test_explanation_for_people_and_programs() -> None:
    """Text names gateway, listener, host, route, backends with shares; JSON holds the same."""
    explanation = explained("GET", "http://a.example.com:8080/exact")
    text = explanation.to_text()
    for part in ("shop/edge at 127.0.0.1", "http (port 80, a.yaml:", "*.example.com", "75%", "127.0.0.1:8001"):
        assert part in text
    assert json.loads(json.dumps(explanation.to_json()))["targets"][1]["share"] == 0.25
    (share,) = explained("GET", "http://a.example.com:8080/pre", x_a="1").targets
    assert share.backend == "nothing (500)"


def test_a_route_that_is_not_accepted_says_what_to_look_at() -> None:
    """A bare 503 would send people to the backend's logs."""
    broken = ROUTES.replace("method: GET", "method: GET, queryParam: [{name: a, value: b}]")
    explanation = explain(compiled(SHOP + broken), "GET", "http://a.example.com/re/1", {}, Settings())
    assert explanation.outcome.startswith("503, answered by the gateway: HTTPRoute shop/a or a policy on it has errors")


@pytest.mark.parametrize(
    ("backend", "outcome"),
    [
        ("{name: empty, port: 80}", "503: nothing serves shop/empty:80"),
        ("{name: nothing, port: 80}", "500: no backend can be resolved"),
    ],
)
def test_nothing_is_forwarded_where_nothing_serves(backend: str, outcome: str) -> None:
    """As Envoy answers: 503 without endpoints, 500 where the reference leads nowhere."""
    empty = (
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: empty, namespace: shop}\nspec: {ports: [{port: 80}]}\n"
    )
    world = compiled(
        SHOP + ROUTES.replace("{name: cart, port: 80, weight: 3}, {name: stock, port: 80}", backend) + empty
    )
    assert explain(world, "GET", "http://a.example.com/exact", {}, Settings()).outcome == outcome


NARROW = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: narrow, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [narrow.example.com]
  rules:
    - matches: [{path: {value: /q}, queryParams: [{name: a, value: "1"}]}]
      backendRefs: [{name: cart, port: 80}]
    - matches: [{path: {value: /h}, headers: [{type: RegularExpression, name: x-a, value: "a+"}]}]
      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-To, value: cart}]}}]
      backendRefs: [{name: cart, port: 80}]
    - matches: [{path: {value: /old}}]
      filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]
"""


@pytest.mark.parametrize(
    ("path", "headers", "route", "reason"),
    [
        ("/q?a=1&a=2", {}, "shop/narrow#0.0", ""),
        ("/q?a=2&a=1", {}, "", "wants query parameter a=1"),
        ("/h", {"x-a": "aa"}, "shop/narrow#1.0", ""),
        ("/h", {"x-a": "ab"}, "", "wants header x-a: a+"),
        ("/x/../h", {"x-a": "a"}, "shop/narrow#1.0", ""),
        ("//q?a=1", {}, "shop/narrow#0.0", ""),
    ],
)
def test_queries_and_patterns_are_judged(path: str, headers: dict[str, str], route: str, reason: str) -> None:
    """Of repeated query parameters the first counts; paths are read as the gateway reads them."""
    now = compiled(SHOP + NARROW)
    explanation = explain(now, "GET", f"http://narrow.example.com:8080{path}", headers, Settings())
    assert explanation.route == route
    assert not reason or reason in [loser.reason for loser in explanation.losers]


def test_filters_are_told() -> None:
    """What the route changes stands between its match and its backend; a redirect ends it."""
    now = compiled(SHOP + NARROW)
    changed = explain(now, "GET", "http://narrow.example.com:8080/h", {"x-a": "a"}, Settings())
    assert changed.filters == ("request header X-To set to cart",)
    assert "  filter    request header X-To set to cart" in changed.to_text()
    redirected = explain(now, "GET", "http://narrow.example.com:8080/old/x", {}, Settings())
    assert redirected.outcome == "301, answered by the gateway"
    assert any("scheme https" in text for text in redirected.filters)


def test_an_escaped_slash_is_refused() -> None:
    """As the gateway does, before it looks at routes."""
    explanation = explain(compiled(SHOP + NARROW), "GET", "http://narrow.example.com:8080/a%2Fb", {}, Settings())
    assert explanation.outcome.startswith("400")


ORDER = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: order, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [order.example.com]
  rules:
    - matches: [{path: {value: /}}]
      backendRefs: [{name: cart, port: 80}]
    - matches:
        - {path: {value: /a/b}}
        - {path: {value: /a}, method: GET}
        - {path: {value: /a}, headers: [{name: x, value: "1"}]}
        - {path: {value: /a}, queryParams: [{name: q, value: "1"}]}
        - {path: {value: /a}}
      filters: [{type: CORS, cors: {allowOrigins: ["https://app.example"]}}]
      backendRefs: [{name: cart, port: 80}]
    - matches: [{path: {value: /a}}]
      backendRefs: [{name: stock, port: 80}]
"""


@pytest.mark.parametrize(
    ("url", "method", "headers", "winner", "reasons"),
    [
        ("/a/b", "POST", {}, "shop/order#1.0", {"shop/order#1.4": "its path is narrower"}),
        ("/a", "GET", {}, "shop/order#1.1", {"shop/order#1.4": "it names a method"}),
        ("/a", "POST", {"x": "1"}, "shop/order#1.2", {"shop/order#1.4": "it names more headers"}),
        ("/a?q=1", "POST", {}, "shop/order#1.3", {"shop/order#1.4": "it names more query parameters"}),
        ("/a", "POST", {}, "shop/order#1.4", {"shop/order#2.0": "its rule is earlier"}),
    ],
)
def test_who_comes_first_and_why(
    url: str, method: str, headers: dict[str, str], winner: str, reasons: dict[str, str]
) -> None:
    """HTTPRouteRule.matches: the first of its criteria by which two matches differ."""
    told = explain(compiled(SHOP + ORDER), method, f"http://order.example.com{url}", headers, Settings())
    losers = {each.route: each.reason for each in told.losers}
    assert told.route == winner
    assert {name: losers[name] for name in reasons} == {n: f"{winner} comes first: {w}" for n, w in reasons.items()}


def test_preflights_are_answered_by_the_gateway() -> None:
    """An OPTIONS request without CORS's headers is one like any other."""
    world = compiled(SHOP + ORDER)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    preflight = explain(world, "OPTIONS", "http://order.example.com/a", asked, Settings())
    assert (preflight.outcome[:3], preflight.targets) == ("204", ())
    assert explain(world, "OPTIONS", "http://order.example.com/a", {}, Settings()).outcome.startswith("forwarded")


SECURE = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: secure, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: a, port: 443, protocol: HTTPS, hostname: a.example.com, tls: {certificateRefs: [{name: cert}]}}
    - {name: wild, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: cert}]}}
  tls: {frontend: {default: {validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}}}}
"""


@pytest.mark.parametrize(
    ("url", "headers", "outcome"),
    [
        ("https://a.example.com/", {}, "404"),
        ("https://a.example.com/", {"Host": "b.example.com"}, "421: the connection is listener a's, and the host"),
        ("https://b.example.com/", {"Host": "a.example.com"}, "421"),
        ("https://b.example.com/", {"Host": "c.example.com"}, "404"),
        (
            "https://127.0.0.1/",
            {"Host": "a.example.com"},
            "the handshake is refused: no listener takes a connection wi",
        ),
    ],
)
def test_the_server_name_decides_whose_connection_it_is(url: str, headers: dict[str, str], outcome: str) -> None:
    """The URL's host is what the client shakes hands for; Host may say something else. Client certificates are told."""
    objects = (
        authority().secret("cert", "*.example.com", namespace="shop"),
        authority().config_map("ca", namespace="shop"),
    )
    told = explain(compiled("\n---\n".join([SECURE, *map(json.dumps, objects)])), "GET", url, headers, Settings())
    assert told.outcome.startswith(outcome)
    assert not told.listener or told.listener.endswith(", only with a client certificate")
