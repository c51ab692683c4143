"""The first look at documents: whose kind or group is written wrongly, and what was probably meant."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Found
from tidegate.manifests.documents import Document, Unidentified, identify
from tidegate.sources import Source
from tidegate.sources.yaml import read_yaml

LISTED = "spec: {targetRefs: [{group: '', kind: Service, name: s}], validation: {}}"
LIMITS = "spec: {targetRefs: [], limits: []}"
ALB = "alb.networking.azure.io"
SINGLE = "spec: {targetRef: {group: '', kind: Service, name: s}}"
NAMED = "metadata: {name: a, namespace: shop}"


def identified(text: str) -> tuple[Document | Unidentified, ...]:
    (node,) = read_yaml(Source("a.yaml", text), Found(), {})
    return tuple(identify(node, Found()))


@pytest.mark.parametrize(
    ("head", "spec", "meant"),
    [
        ("apiVersion: gateway.networking.k8s.io/v9\nkind: GRPCRoute", "", "gateway.networking.k8s.io GRPCRoute"),
        ("apiVersion: gateway.networking.k8s.io/v1\nkind: TCPRout", "", "gateway.networking.k8s.io TCPRoute"),
        ("apiVersion: gateway.networking.k8.io/v1\nkind: UDPRoute", "", "gateway.networking.k8s.io UDPRoute"),
        ("kind: TLSRoute", "", "gateway.networking.k8s.io TLSRoute"),
        ("apiVersion: gateway.networking.k8s.io/v1", LISTED, "gateway.networking.k8s.io BackendTLSPolicy"),
        ("kind: BackendTLSPolicy", LISTED, "gateway.networking.k8s.io BackendTLSPolicy"),
        ("kind: BackendTlsPolicy", SINGLE, "alb.networking.azure.io BackendTLSPolicy"),
        (f"apiVersion: {ALB}/v2\nkind: FrontendTLSPolicy", SINGLE, f"{ALB} FrontendTLSPolicy"),
        ("apiVersion: tidegate.dev/v1\nkind: RateLimitPolicy", "", "tidegate.dev RateLimitPolicy"),
        ("apiVersion: tidegate.dev/v1alpha1\nkind: RatelimitPolicys", "", "tidegate.dev RateLimitPolicy"),
        ("apiVersion: tidegate.dev/v1alpha1\nkind: Limits", LIMITS, "tidegate.dev RateLimitPolicy"),
    ],
)  # fmt: skip
def test_what_would_do_harm_by_its_absence_is_read_all_the_same(head: str, spec: str, meant: str) -> None:
    """A route, or a policy that protects something: as what it probably is, and never accepted."""
    (document,) = identified(f"{head}\n{NAMED}\n{spec}\n")
    assert isinstance(document, Document)
    assert document.mistaken
    assert f"{document.key.group} {document.key.kind}" == meant
    assert (document.key.namespace, document.key.name) == ("shop", "a")
    assert {"apiVersion", "kind"} <= document.node.entries.keys()


@pytest.mark.parametrize(
    "head",
    [
        "apiVersion: gateway.networking.k8s.io/v9\nkind: Gateway",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrants",
        "apiVersion: v1\nkind: Servise",
    ],
)
def test_what_does_no_harm_by_its_absence_is_left_out(head: str) -> None:
    """A Gateway that nobody can tell serves nothing; a grant allows nothing."""
    (document,) = identified(f"{head}\n{NAMED}\n")
    assert document == Unidentified(document.span if isinstance(document, Unidentified) else document.node.span)


def test_protecting_policy_without_a_name_closes_its_namespace() -> None:
    """What it covers cannot be told apart; an ApimPolicy in a wrong group closes it as well."""
    text = "apiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {namespace: shop}\n"
    (nameless,) = identified(text)
    assert isinstance(nameless, Unidentified)
    assert nameless.policy_of == "shop"
    (policy,) = identified(f"apiVersion: tidegate.de/v1alpha1\nkind: ApimPolicy\n{NAMED}\n")
    assert isinstance(policy, Unidentified)
    assert policy.policy_of == "shop"


def test_version_of_a_documented_sample_is_its_api_version() -> None:
    """Application Gateway for Containers' documentation writes `version:`; elsewhere the word means nothing."""
    (document,) = identified(f"version: alb.networking.azure.io/v1\nkind: BackendLoadBalancingPolicy\n{NAMED}\n")
    assert isinstance(document, Document)
    assert not document.mistaken
    assert "version" not in document.node.entries
    assert identified("version: 1.0\nkind: Thing\n") == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("spec: {ingressClassName: azure-alb-external}", "TG1304"),
        ("spec: {ingressClassName: nginx}", "TG1104"),
        ("spec: {}", "TG1104"),
        ("metadata: {annotations: {kubernetes.io/ingress.class: azure-alb-external}}", "TG1304"),
    ],
)
def test_ingress_of_our_class_is_not_left_out_in_silence(text: str, code: str) -> None:
    """Those of other classes are somebody else's."""
    found = Found()
    (node,) = read_yaml(Source("a.yaml", f"apiVersion: networking.k8s.io/v1\nkind: Ingress\n{text}\n"), found, {})
    assert tuple(identify(node, found)) == ()
    assert [each.code.code for each in found.sorted()] == [code]


@pytest.mark.parametrize(
    ("text", "found_at"),
    [
        ("resources: [a.yaml, sub]", []),
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]", []),
        ("namePrefix: dev-\nresources: [a.yaml]", ["kustomization.yaml:1:1"]),
        ("resources: [a.yaml, ../base]", ["kustomization.yaml:1:21"]),
        ("kind: Kustomization\npatches: [{path: p.yaml}]", ["kustomization.yaml:2:1"]),
        ("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {}", ["kustomization.yaml:2:7"]),
    ],
)
def test_a_kustomization_that_changes_something_is_told(text: str, found_at: list[str]) -> None:
    """Its file is enough to know it by. One that only lists what lies below it changes nothing; Flux's is foreign."""
    found = Found()
    (node,) = read_yaml(Source("kustomization.yaml", text), found, {})
    assert tuple(identify(node, found)) == ()
    assert [str(each.span) for each in found.sorted()] == found_at


def test_a_group_that_ours_ends_with_is_ours() -> None:
    """networking.k8s.io has Ingress, and gateway.networking.k8s.io has HTTPRoute."""
    found = Found()
    (node,) = read_yaml(Source("a.yaml", f"apiVersion: networking.k8s.io/v1\nkind: HTTPRoute\n{NAMED}\n"), found, {})
    (document,) = identify(node, found)
    assert isinstance(document, Document)
    assert document.mistaken
    assert [each.code.code for each in found.sorted()] == ["TG1109"]


@pytest.mark.parametrize(
    "head", ["apiVersion: v1\nkind: Lst\nitems:\n", "kind: List\nitems:\n", "apiVersion: v1\nitems:\n", "items:\n", ""]
)
def test_objects_in_what_is_no_list(head: str) -> None:
    """They are told and not accepted; a policy among them leaves nothing open, and a route nothing to a wider one."""
    policy = f"- apiVersion: tidegate.dev/v1alpha1\n  kind: RateLimitPolicy\n  {NAMED}\n  {LIMITS}\n"
    apim = f"- apiVersion: tidegate.dev/v1alpha1\n  kind: ApimPolicy\n  {NAMED}\n"
    found = Found()
    (node,) = read_yaml(Source("a.yaml", head + policy + apim + "- just: a mapping\n"), found, {})
    limit, unidentified = identify(node, found)
    assert isinstance(limit, Document)
    assert limit.mistaken
    assert isinstance(unidentified, Unidentified)
    assert unidentified.policy_of == "shop"
    assert [each.code.code for each in found.sorted()] == ["TG1306", "TG1306"]
