"""Which policies cover what, and where they are read from."""

from __future__ import annotations

import pytest

from compiling import TESTDATA_BASE, codes, compiled
from tidegate.manifests.coverage import invalidated
from tidegate.manifests.routes import CLOSED
from tidegate.pipeline import Compilation

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{name: one, backendRefs: [{name: cart, port: 80}]}]
"""
DOCUMENT = """<policies>
  <inbound><base /><set-header name="X-%s" exists-action="override"><value>1</value></set-header></inbound>
  <backend><base /></backend>
</policies>"""


def policy(name: str, target: str, document: str, **extra: str) -> str:
    return f"""
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {{name: {name}, namespace: shop{extra.get("metadata", "")}}}
spec:
  targetRefs: [{{group: gateway.networking.k8s.io, {target}}}]
  policy: {document}
"""


def headers(compilation: Compilation) -> list[str]:
    """The headers that the only route's program sets, in order."""
    (gateway,) = compilation.world.gateways
    (route,) = gateway.listeners[0].routes
    assert route.program is not None, compilation.diagnostics
    return [s.text.split(":")[0].removeprefix("set-header ") for s in route.program.steps if s.text.startswith("set-")]


def test_scopes_from_wide_to_narrow() -> None:
    """Gateway, route and rule are API Management's global, API and operation."""
    widest = DOCUMENT.replace("<backend><base /></backend>", "<backend><forward-request /></backend>")
    policies = policy("g", "kind: Gateway, name: edge", f"{{inline: '{widest % 'G'}'}}")
    policies += policy("r", "kind: HTTPRoute, name: r", f"{{inline: '{DOCUMENT % 'R'}'}}")
    policies += policy("o", "kind: HTTPRoute, name: r, sectionName: one", f"{{inline: '{DOCUMENT % 'O'}'}}")
    assert headers(compiled(SHOP + ROUTE + policies)) == ["X-G", "X-R", "X-O"]


def test_files_are_relative_to_the_manifest() -> None:
    """Also upwards; `<base />` pulls the wider scopes in."""
    text = (
        ROUTE
        + policy("g", "kind: Gateway, name: edge", "{file: ../documents/g.xml}")
        + policy("r", "kind: HTTPRoute, name: r", "{file: r.xml}")
        + policy("o", "kind: HTTPRoute, name: r, sectionName: one", "{file: ./o.xml}")
    )
    files = {
        "m/a.yaml": SHOP + text,
        "documents/g.xml": DOCUMENT.replace("<base />", "", 1).replace("<base />", "<forward-request />") % "G",
        "m/r.xml": DOCUMENT % "R",
        "m/o.xml": DOCUMENT % "O",
    }
    assert headers(compiled(files)) == ["X-G", "X-R", "X-O"]


def test_inline_document_points_into_the_manifest() -> None:
    """A finding in it has the manifest's line."""
    elements = ["<policies>", "  <inbound>", "    <teleport />", "  </inbound>", "</policies>"]
    block = "\n".join(["", "    inline: |", *(f"      {line}" for line in elements)])
    compilation = compiled(SHOP + ROUTE + policy("r", "kind: HTTPRoute, name: r", block))
    (found,) = compilation.diagnostics
    lines = (SHOP + ROUTE + policy("r", "kind: HTTPRoute, name: r", block)).splitlines()
    assert found.span is not None
    assert lines[found.span.line - 1][found.span.column - 1 :].startswith("teleport")


def test_older_policy_has_the_target() -> None:
    """GEP-713: by creation timestamp, then by name."""
    documents = {"a.xml": DOCUMENT % "A", "b.xml": DOCUMENT % "B"}
    target = "kind: HTTPRoute, name: r"
    text = SHOP + ROUTE + policy("a", target, "{file: a.xml}")
    young = policy("b", target, "{file: b.xml}")
    assert headers(compiled({"m.yaml": text + young, **documents})) == ["X-A"]
    old = policy("b", target, "{file: b.xml}", metadata=', creationTimestamp: "2026-01-01T00:00:00Z"')
    compilation = compiled({"m.yaml": text + old, **documents})
    assert headers(compilation) == ["X-B"]
    assert codes(compilation) == ["TG4302"]


@pytest.mark.parametrize("target", ["kind: HTTPRoute, name: r", "kind: Gateway, name: edge"])
def test_target_that_is_malformed_is_no_second_finding(target: str) -> None:
    """What it targets exists; it is only wrong."""
    broken = (
        (SHOP + ROUTE)
        .replace("rules: [{", "hostnames: [A]\n  rules: [{")
        .replace("port: 80, protocol", "port: x, protocol")
    )
    compilation = compiled({"m.yaml": broken + policy("a", target, "{file: a.xml}"), "a.xml": DOCUMENT % "A"})
    assert set(codes(compilation)) <= {"TG1113", "TG1114"}


def test_invalidated_status_keeps_what_was_false() -> None:
    """Only what was accepted becomes invalid."""
    conditions = [{"status": "True", "reason": "Accepted"}, {"status": "False", "reason": "Conflicted"}]
    status = {"ancestors": [{"conditions": [c]} for c in conditions]}
    reasons = [a["conditions"][0]["reason"] for a in invalidated(status, "why")["ancestors"]]
    assert reasons == ["Invalid", "Conflicted"]


def statuses(compilation: Compilation) -> list[object]:
    """What the routes do: their policy program's presence, or that they are closed."""
    (gateway,) = compilation.world.gateways
    return [route.program is not None or route.action for route in gateway.listeners[0].routes]


ORDERS = ROUTE.replace("name: r,", "name: orders,")
MISTAKES = {
    "version": ("tidegate.dev/v1alpha1", "tidegate.dev/v1"),
    "kind": ("kind: ApimPolicy", "kind: ApimPolcy"),
    "no kind": ("kind: ApimPolicy", ""),
    "no version": ("apiVersion: tidegate.dev/v1alpha1", ""),
    "no name": ("name: p, ", ""),
    "route": ("name: orders", "name: ordres"),
    "rule": ("sectionName: one", "sectionName: on"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_policy_that_cannot_be_placed_leaves_nothing_open(mistake: tuple[str, str]) -> None:
    """A misspelt policy is an error, and what it was probably to cover answers 503."""
    for target in ("kind: HTTPRoute, name: orders", "kind: HTTPRoute, name: orders, sectionName: one"):
        right = policy("p", target, "{inline: '<policies><backend><forward-request /></backend></policies>'}")
        assert statuses(compiled({"a.yaml": SHOP + ORDERS + right})) == [True]
        wrong = right.replace(*mistake)
        if wrong != right:
            compilation = compiled({"a.yaml": SHOP + ORDERS + wrong})
            assert codes(compilation)
            assert statuses(compilation) == [CLOSED]


def test_a_leftover_policy_closes_nothing_else() -> None:
    """Of a name that is not near, or near one that has a policy of its own: another route's business."""
    document = "{inline: '<policies><backend><forward-request /></backend></policies>'}"
    own = policy("p", "kind: HTTPRoute, name: orders", document)
    for gone in ("checkout", "order"):
        left = policy("q", f"kind: HTTPRoute, name: {gone}", document)
        assert statuses(compiled({"a.yaml": SHOP + ORDERS + own + left})) == [True]
