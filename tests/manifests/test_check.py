"""Documents against schemas: what the golden cases do not show."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Found
from tidegate.manifests.check import check, show_path
from tidegate.manifests.schema import KINDS
from tidegate.manifests.schema.apps import Deployment
from tidegate.manifests.schema.core import Service
from tidegate.manifests.schema.gateway_api import HTTPRoute
from tidegate.sources import Node, Source
from tidegate.sources.yaml import read_yaml

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec:
"""


REGEX = "  rules: [{matches: [{path: {type: RegularExpression, value: '%s'}}]}]"


def tree(text: str) -> Node:
    (node,) = read_yaml(Source("a.yaml", text), Found(), {})
    return node


def messages(text: str) -> list[str]:
    found = Found()
    body, wrong = check(tree(ROUTE + text), HTTPRoute, subject="HTTPRoute default/r", found=found)
    assert (body is None) == bool(wrong) == bool(found)
    return [diagnostic.message.removeprefix("HTTPRoute default/r: ") for diagnostic in found.sorted()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  rules: {}", "`spec.rules` must be a list, got a mapping"),
        ("  rules: []", "`spec.rules` must be at least one entry, got a list"),
        ("  rules: [1]", "`spec.rules[0]` must be a mapping, got the number 1"),
        ("  hostnames: [true]", "`spec.hostnames[0]` must be text, got `true`"),
        ("  hostnames: [a.com:80]", "without port or scheme"),
        ("  rules: [{matches: [{path: {value: a}}]}]", "must be a path that begins with `/`, got the text `a`"),
        ("  rules: [{matches: [{path: {value: /a//b}}]}]", "must be a path without `//`"),
        ("  rules: [{matches: [{path: {value: /a/..}}]}]", "does not end with `/.` or `/..`"),
        ("  rules: [{matches: [{method: get}]}]", "must be `GET` or `HEAD`"),
        ("  rules: [{matches: [{headers: [{name: 'a b', value: x}]}]}]", "must be a header name"),
        ("  rules: [{matches: [{headers: [{name: a, value: ''}]}]}]", "must be text that is not empty"),
        ("  rules: [{filters: [{type: RequestHeaderModifier}]}]", "with `requestHeaderModifier` and nothing else"),
        ("  rules: [{backendRefs: [{name: a}]}]", "must be a reference to a Service with its `port`"),
        ("  rules: [{backendRefs: [{name: a, port: 80, weight: -1}]}]", "must be at least 0"),
        ("  rules: [{name: a}, {name: a}]", "rules[1].name` must be a name that no other rule"),
        (REGEX % "/(", "must be a pattern of RE2 (a `(` is never closed)"),
        (REGEX % "/(?=a)", "no lookaround"),
        ("  rules: [{name: A}]", "must be a DNS name: lower-case letters"),
    ],
)
def test_one_mistake_gives_one_finding(text: str, message: str) -> None:
    """It names the field, what was expected and what is there; nothing follows from it."""
    (found,) = messages(text)
    assert message in found


def test_header_values_hold_no_line_breaks() -> None:
    """Envoy would refuse the whole route table for one of them."""
    header = (
        'rules: [{filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: "b\\nc"}]}}]}]'
    )
    (found,) = messages(f"  {header}")
    assert "a header value without control characters" in found


def test_header_named_twice_in_one_list() -> None:
    """Names are compared without case (HTTPHeaderFilter: listMapKey name)."""
    header = "rules: [{filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {remove: [A, a]}}]}]"
    (found,) = messages(f"  {header}")
    assert (
        "`spec.rules[0].filters[0].responseHeaderModifier.remove[1]` must be a header that `remove` does not" in found
    )


def test_null_is_not_set() -> None:
    """As the API server reads it; a required field that is null is missing."""
    assert messages("  hostnames: ~\n  rules: ~") == []


def test_paths_are_shown_as_people_write_them() -> None:
    """Dots and brackets, and a word for the whole."""
    assert show_path(("spec", "rules", 0, "name")) == "spec.rules[0].name"
    assert show_path(()) == "the document"


def test_schema_is_named_as_its_kind() -> None:
    """An object's key tells its schema: the index relies on it."""
    for (_, name), kind in KINDS.items():
        assert kind.schema.kind_name() == name
    body, _ = check(tree("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"), Service, subject="", found=Found())
    assert isinstance(body, Service)


@pytest.mark.parametrize("pattern", ["/a/[0-9]+", "/\\pL+", "/[[:alpha:]]+", "/(?P<id>x)", "/(?i)a*?"])
def test_patterns_of_re2_are_taken(pattern: str) -> None:
    """Also those that only RE2 knows."""
    assert messages(REGEX % pattern) == []


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {}
  template:
    metadata: {annotations: {%s: "true"}}
    spec:
      containers: [{name: c, env: [{name: POD, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]}]
"""


@pytest.mark.parametrize(("annotation", "errors"), [("tidegate.dev/run", 1), ("team", 0)])
def test_an_environment_of_the_cluster_is_refused_only_where_it_is_used(annotation: str, errors: int) -> None:
    """A Deployment that is not run here applies to a cluster as it stands; nothing of its environment is read."""
    found = Found()
    body, _ = check(tree(DEPLOYMENT % annotation), Deployment, subject="", found=found)
    assert (len(found), body is None) == (errors, bool(errors))
