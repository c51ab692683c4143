"""Where requests go: weights, references that do not resolve, references across namespaces (HTTPBackendRef)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab, parent_conditions

pytestmark = pytest.mark.e2e

GRANT = """
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: shop, namespace: other}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}]
  to: [{group: "", kind: Service, name: far}]
"""


def test_weights_share_the_requests(lab: Lab) -> None:
    """In proportion; weight 0 gets none, no weight is 1."""
    lab.http("v1", "v2", "v3", "v4")
    lab.rules("""
        - backendRefs:
            - {name: v1, port: 80, weight: 6}
            - {name: v2, port: 80, weight: 3}
            - {name: v3, port: 80}
            - {name: v4, port: 80, weight: 0}
    """)
    counts = lab.count(1000)
    assert set(counts) == {"v1", "v2", "v3"}
    assert 520 < counts["v1"] < 680
    assert 230 < counts["v2"] < 370
    assert 50 < counts["v3"] < 150


def test_all_weights_zero_answer_500(lab: Lab) -> None:
    """HTTPRouteRule.backendRefs: no backend at all is 500."""
    lab.http("v1")
    lab.rules("""
        - {matches: [{path: {value: /zero}}], backendRefs: [{name: v1, port: 80, weight: 0}]}
        - {matches: [{path: {value: /none}}]}
    """)
    assert lab.get("/zero").status == 500
    assert lab.get("/none").status == 500


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("{name: nowhere, port: 80, weight: 1}", "BackendNotFound"),
        ("{name: v1, port: 81, weight: 1}", "BackendNotFound"),
        ("{name: far, namespace: other, port: 80, weight: 1}", "RefNotPermitted"),
        ("{group: example.com, kind: Bucket, name: photos, weight: 1}", "InvalidKind"),
    ],
)
def test_references_that_do_not_resolve_answer_500_for_their_share(lab: Lab, reference: str, reason: str) -> None:
    """HTTPBackendRef: the other backends keep theirs, and ResolvedRefs says why."""
    lab.http("v1")
    lab.http("far", namespace="other")
    lab.rules(
        f"""
        - backendRefs:
            - {{name: v1, port: 80, weight: 1}}
            - {reference}
        """,
        errors=True,
    )
    counts = lab.count(400)
    assert set(counts) == {"v1", "500"}
    assert 140 < counts["500"] < 260
    conditions = parent_conditions(lab.status("HTTPRoute", "shop"))
    assert conditions == {"Accepted": "True", "ResolvedRefs": f"False/{reason}"}
    assert "a.yaml:9" in lab.found()


def test_a_service_without_endpoints_answers_503(lab: Lab) -> None:
    """The reference resolves; there is only nobody now."""
    lab.service("empty")
    lab.rules("- backendRefs: [{name: empty, port: 80}]")
    assert lab.get().status == 503
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"] == "True"


def test_a_grant_opens_a_service_of_another_namespace(lab: Lab) -> None:
    """ReferenceGrant: from a kind and namespace, to a kind and, where given, a name."""
    lab.http("far", "farther", namespace="other")
    lab.add(GRANT)
    lab.rules(
        """
        - {matches: [{path: {value: /far}}], backendRefs: [{name: far, namespace: other, port: 80}]}
        - {matches: [{path: {value: /farther}}], backendRefs: [{name: farther, namespace: other, port: 80}]}
        """,
        errors=True,
    )
    assert lab.get("/far").who == "far"
    assert lab.get("/farther").status == 500
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"] == "False/RefNotPermitted"


def test_taking_the_grant_away_closes_the_service(lab: Lab) -> None:
    """Revoking is as quick as granting."""
    lab.http("far", namespace="other")
    lab.add(GRANT)
    rules = "- backendRefs: [{name: far, namespace: other, port: 80}]"
    lab.rules(rules)
    assert lab.get().who == "far"
    lab.services.pop()
    lab.rules(rules, errors=True)
    assert lab.eventually(lambda: lab.get().status == 500)


def test_one_service_behind_many_rules(lab: Lab) -> None:
    """The same port of the same Service is one pool, whoever refers to it."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - {matches: [{path: {value: /a}}], backendRefs: [{name: v1, port: 80}]}
        - {matches: [{path: {value: /b}}], backendRefs: [{name: v1, port: 80}]}
    """)
    with lab.session() as session:
        assert [session.ask(path).who for path in ("/a", "/b", "/a")] == ["v1"] * 3
    assert v1.connections == 1
