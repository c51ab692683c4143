"""The whole pipeline: last good versions, what answers 503, and results that depend on nothing but the input."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from compiling import TESTDATA_BASE, codes, compiled, key, sources_of
from tidegate.adapters.files import read_sources
from tidegate.diagnostics import Found
from tidegate.model import BackendId, Endpoint, Forward, ObjectName, Respond, Route
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.sources import SourceSet

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: checkout, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{name: pay, matches: [{path: {value: /pay}}], backendRefs: [{name: cart, port: 80}]}]
"""
POLICY = """
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {name: limits, namespace: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: checkout}]
  policy: {file: policy.xml}
"""
DOCUMENT = """<policies>
  <inbound><base /><set-header name="X-A" exists-action="override"><value>1</value></set-header></inbound>
  <backend><base /></backend>
</policies>"""


def only_route(compilation: Compilation) -> Route:
    """The one route of the world."""
    (route,) = [r for g in compilation.world.gateways for each in g.listeners for r in each.routes]
    return route


def answers(compilation: Compilation) -> int | str:
    """The status that the only route answers with, or the backend that it sends to."""
    match only_route(compilation).action:
        case Respond(status=status):
            return status
        case Forward(backends=backends):
            return str(backends[0].backend)


def accepted(compilation: Compilation, kind: str, name: str) -> tuple[str, str]:
    """Status and reason of the Accepted condition of a route's only parent, or of the object itself."""
    status = compilation.statuses[key(kind, name)]
    (part,) = status.get("parents", [status])
    (found,) = [c for c in part["conditions"] if c["type"] == "Accepted"]
    return found["status"], found["reason"]


def test_malformed_route_answers_503_at_first() -> None:
    """What can be read of it is refused, so that no wider route takes its requests."""
    first = compiled(SHOP + ROUTE.replace("rules: [{", "rules: [{timeouts: {requests: 1s}, "))
    assert answers(first) == 503
    assert only_route(first).match.path.value == "/pay"
    assert accepted(first, "HTTPRoute", "checkout") == ("False", "UnsupportedValue")


def test_malformed_route_keeps_its_last_good_version() -> None:
    """An edit that is not accepted changes nothing but the status, whose generation is the edit's."""
    good = compiled(SHOP + ROUTE)
    bad = compiled(SHOP + ROUTE.replace("rules: [{", "rules: [{timeouts: {requests: 1s}, "), previous=good)
    assert bad.snapshot.digest == good.snapshot.digest
    assert bad.has_errors
    parents = bad.statuses[key("HTTPRoute", "checkout")]["parents"]
    assert parents[0]["conditions"][0]["observedGeneration"] == 2
    assert accepted(bad, "HTTPRoute", "checkout") == ("False", "UnsupportedValue")
    again = compiled(SHOP + ROUTE, previous=bad)
    assert accepted(again, "HTTPRoute", "checkout") == ("True", "Accepted")


@pytest.mark.parametrize(
    "broken",
    ["a: [", "kind: HTTPRoute\nmetadata: {name: checkout}\n", ROUTE.replace("kind: HTTPRoute", "kind: HTTPRout")],
)
def test_file_that_no_longer_reads_keeps_all_its_objects(broken: str) -> None:
    """Neither a syntax error nor a misspelt kind deletes what the file had."""
    good = compiled({"shop.yaml": SHOP, "route.yaml": ROUTE})
    bad = compiled({"shop.yaml": SHOP, "route.yaml": broken}, previous=good)
    assert bad.snapshot.digest == good.snapshot.digest
    assert bad.has_errors


def test_deleted_object_is_gone() -> None:
    """A file that reads well says also what is no longer there; so does a deleted file."""
    good = compiled({"shop.yaml": SHOP, "route.yaml": ROUTE})
    for files in ({"shop.yaml": SHOP, "route.yaml": "# empty"}, {"shop.yaml": SHOP}):
        gone = compiled(files, previous=good)
        assert not [r for g in gone.world.gateways for each in g.listeners for r in each.routes]
        assert not gone.has_errors


def test_file_that_cannot_be_read_deletes_nothing() -> None:
    """A file that is there and unreadable (permissions, size, encoding) keeps its last good objects."""
    good = compiled({"shop.yaml": SHOP, "route.yaml": ROUTE})
    files = dict(sources_of({"shop.yaml": SHOP}).files)
    hidden = SourceSet(files, (".",), {}, frozenset(["route.yaml"]))
    assert compile_sources(hidden, Settings(), Observed(), good).snapshot.digest == good.snapshot.digest


def test_malformed_gateway_answers_503() -> None:
    """Its listeners open where they can be read, and everything on them is refused."""
    first = compiled(SHOP.replace("gatewayClassName: tidegate", "gatewayClassName: tidegate\n  infra: {}") + ROUTE)
    assert answers(first) == 503
    assert accepted(first, "Gateway", "edge") == ("False", "Invalid")


def test_unreadable_gateway_has_a_status() -> None:
    """Where nothing can be read nothing is served, and the status says so."""
    first = compiled(SHOP.replace("port: 80, protocol", "port: eighty, protocol"))
    assert not first.world.gateways
    assert accepted(first, "Gateway", "edge") == ("False", "Invalid")


def test_malformed_service_answers_503_without_a_second_finding() -> None:
    """Malformed is not missing: the route itself is right."""
    first = compiled(
        (SHOP + ROUTE).replace("name: http, port: 80}, {name: metrics", "nme: http, port: 80}, {name: metrics")
    )
    assert codes(first) == ["TG1110"]
    assert first.world.backends[BackendId(ObjectName("shop", "cart"), 80)].endpoints == ()


def test_broken_policy_document_answers_503_until_it_is_right() -> None:
    """And its last good version goes on afterwards."""
    files = {"a.yaml": SHOP + ROUTE + POLICY, "policy.xml": DOCUMENT.replace("set-header", "teleport")}
    first = compiled(files)
    assert answers(first) == 503
    assert only_route(first).program is None
    assert "False" in str(first.statuses[key("ApimPolicy", "limits", group="tidegate.dev")])
    good = compiled({**files, "policy.xml": DOCUMENT}, previous=first)
    assert answers(good) == "shop/cart:80"
    broken = compiled(files, previous=good)
    assert broken.snapshot.digest == good.snapshot.digest
    assert broken.has_errors
    assert "goes on" in str(broken.statuses[key("ApimPolicy", "limits", group="tidegate.dev")])


def test_missing_policy_document_closes_its_route() -> None:
    """A route is never served without the policy that somebody wrote for it."""
    first = compiled(SHOP + ROUTE + POLICY)
    assert codes(first) == ["TG4303"]
    assert answers(first) == 503


def test_malformed_policy_closes_its_target() -> None:
    """Also when the object around the document is what is wrong."""
    text = SHOP + ROUTE + POLICY.replace("policy: {file: policy.xml}", "policy: {fiel: policy.xml}")
    assert answers(compiled({"a.yaml": text, "policy.xml": DOCUMENT})) == 503


def test_policy_of_unknown_target_closes_its_namespace() -> None:
    """Where the targets cannot be read, every route of the namespace may be meant."""
    text = SHOP + ROUTE + POLICY.replace("targetRefs: [", "targetRefs: wrong #")
    assert answers(compiled({"a.yaml": text, "policy.xml": DOCUMENT})) == 503


def test_unreadable_file_with_policies_closes_everything() -> None:
    """A file that mentions ApimPolicy and cannot be read may cover any route."""
    files = {"a.yaml": SHOP + ROUTE, "b.yaml": POLICY + "  bad: [", "policy.xml": DOCUMENT}
    first = compiled(files)
    assert "TG4304" in codes(first)
    assert answers(first) == 503
    good = compiled({**files, "b.yaml": POLICY}, previous=first)
    assert answers(good) == "shop/cart:80"
    assert compiled(files, previous=good).snapshot.digest == good.snapshot.digest


def test_replicas_become_endpoints_only_when_workloads_run() -> None:
    """Observed replicas serve the Services whose selector takes the pods; not without `run_workloads`."""
    deployment = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {tidegate.dev/run: serve}}
    spec: {containers: [{name: cart}]}
"""
    text = SHOP.replace("spec: {ports: [{name: http", "spec: {selector: {app: cart}, ports: [{name: http") + deployment
    seen = Observed(replicas={ObjectName("shop", "cart"): (Endpoint("127.0.0.1", 9002), Endpoint("127.0.0.1", 9001))})
    id_ = BackendId(ObjectName("shop", "cart"), 80)
    running = compiled(text, observed=seen, run_workloads=True)
    assert [e.port for e in running.world.backends[id_].endpoints] == [9001, 9002]
    assert running.world.directory.workload_audiences == ("cart.shop.svc",)
    assert [e.port for e in compiled(text, observed=seen).world.backends[id_].endpoints] == [8001]


def test_generation_counts_changes_of_content() -> None:
    """metadata.generation where it is given; else one more for each change that is not metadata."""
    first = compiled(SHOP)
    renamed = compiled(SHOP.replace("{name: edge,", "{labels: {a: b}, name: edge,"), previous=first)
    changed = compiled(SHOP.replace("name: http, port: 80, proto", "name: web, port: 80, proto"), previous=renamed)
    seen = [
        c.statuses[key("Gateway", "edge")]["conditions"][0]["observedGeneration"] for c in (first, renamed, changed)
    ]
    assert seen == [1, 1, 2]


def test_same_input_gives_the_same_bytes() -> None:
    """Whatever was compiled before, and whatever order the files come in."""
    first = compiled({"a.yaml": SHOP, "b.yaml": ROUTE})
    other = compiled({"a.yaml": SHOP.replace("8001", "9001")})
    after = compiled({"b.yaml": ROUTE, "a.yaml": SHOP}, previous=other)
    assert after.snapshot.digest == first.snapshot.digest
    assert after.world == first.world


@pytest.mark.parametrize("seed", range(8))
def test_documents_shuffled_give_the_same_world(seed: int) -> None:
    """The order of documents in a file means nothing; places move, and nothing else."""
    files = {p.name: p.read_text("utf-8") for p in sorted((EXAMPLE / "manifests").glob("*.yaml"))}
    documents = [document for text in files.values() for document in text.split("\n---\n")]
    policies = {f"policies/{p.name}": p.read_text("utf-8") for p in (EXAMPLE / "manifests" / "policies").glob("*.xml")}
    straight = compiled({**policies, "a.yaml": "\n---\n".join(documents)})
    random.Random(seed).shuffle(documents)
    shuffled = compiled({**policies, "a.yaml": "\n---\n".join(documents)})
    assert shuffled.snapshot.digest == straight.snapshot.digest
    assert shuffled.world.directory == straight.world.directory
    assert shuffled.statuses == straight.statuses


EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tasks"


def test_example_compiles_without_findings() -> None:
    """The demo and its twin in the APIOps layout, read from the disk as the command line does."""
    found = Found()
    sources = read_sources([EXAMPLE / "manifests", EXAMPLE.parent / "apiops"], sets={}, found=found)
    compilation = compile_sources(sources, Settings(), Observed())
    # The example counts by a subject that nobody has checked yet, and says so.
    # A subscription of the twin has no keys, as APIOps extracts none.
    said = {d.code.slug for d in (*found, *compilation.diagnostics)}
    assert said == {"token-unverified", "apim-subscription-keyless"}
    routes = [r for g in compilation.world.gateways for each in g.listeners for r in each.routes]
    assert all(route.program is not None for route in routes)
    assert len(compilation.issuers_needed) >= 1


def test_nothing_secret_is_shown() -> None:
    """Neither documents nor statuses nor diagnostics hold what a Secret or a credential says."""
    text = """
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData": {"password": "hunter2"}}'}
stringData: {password: hunter2}
data: {other: aHVudGVyMg==, number: 12341234}
---
apiVersion: graph.microsoft.com/v1.0
kind: Application
metadata: {name: shop, namespace: shop}
spec:
  appId: 20000000-0000-4000-8000-000000000001
  displayName: shop
  passwordCredentials: [{secretText: hunter2}]
"""
    compilation = compiled(text)
    told = json.dumps([*compilation.documents.values(), *compilation.statuses.values()]) + repr(compilation.diagnostics)
    assert compilation.documents[key("Secret", "db", group="")]["stringData"] == {"password": "..."}
    for secret in ("hunter2", "aHVudGVyMg", "12341234"):
        assert secret not in told
