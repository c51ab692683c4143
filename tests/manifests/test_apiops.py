"""The APIOps layout: rules that the golden cases do not show."""

from __future__ import annotations

import json
import re

import pytest

from compiling import codes, compiled
from tidegate.diagnostics import Found, Span
from tidegate.manifests.apiops.artifacts import ArtifactMemory, Artifacts
from tidegate.manifests.apiops.gateway import NAME, PORT
from tidegate.manifests.apiops.layout import files_of, find_layout
from tidegate.manifests.apiops.schema import ApiInformation
from tidegate.manifests.apiops.service_url import read_service_url
from tidegate.manifests.apiops.specification import Specification, read_operations
from tidegate.manifests.apiops.templates import literalness, template_match
from tidegate.manifests.objects import Manifests
from tidegate.model import ExternalBackend, Forward, PathMatchKind, Respond, Route
from tidegate.pipeline import Compilation
from tidegate.sources import Mapping, Source, SourceSet
from tidegate.sources.yaml import read_yaml

INFORMATION = '{"properties": {"path": "orders", "serviceUrl": "http://a.example.com", "subscriptionRequired": false}}'
SPECIFICATION = "openapi: 3.0.1\npaths: {/a: {get: {operationId: a}}}\n"
FILES = {"apis/orders/apiInformation.json": INFORMATION, "apis/orders/specification.yaml": SPECIFICATION}
PLACE = Span("a", 1, 1, 1, 1)
DOCUMENT = "<policies><inbound><base /></inbound><backend><base /></backend></policies>"


def routes(compilation: Compilation) -> list[Route]:
    return [r for g in compilation.world.gateways if g.name == NAME for each in g.listeners for r in each.routes]


def answers(compilation: Compilation) -> list[int | str]:
    return [r.action.status if isinstance(r.action, Respond) else r.id for r in routes(compilation)]


@pytest.mark.parametrize(
    ("api", "template", "matched", "not_matched"),
    [
        ("a", "/", ["/a", "/a/"], ["/a/b", "/b"]),
        ("", "/", ["/"], ["/a"]),
        ("a/b", "/{id}", ["/a/b/1"], ["/a/b/", "/a/b/1/2"]),
        ("a", "/x/{id}.json", ["/a/x/1.json"], ["/a/x/1xjson"]),
        ("a", "/files/*", ["/a/files/", "/a/files/b/c"], ["/a/files"]),
        ("a", "/{*rest}", ["/a/b/c"], ["/b"]),
        ("a+b", "/c(d)", ["/a+b/c(d)"], ["/aab/c(d)"]),
    ],
)
def test_templates(api: str, template: str, matched: list[str], not_matched: list[str]) -> None:
    """Parameters take one segment, a wildcard the rest; everything else is literal."""
    match = template_match(api, template)
    pattern = match.value if match.kind is PathMatchKind.REGEX else re.escape(match.value)
    assert match.ignore_case
    assert all(re.fullmatch(pattern, path, re.IGNORECASE) for path in matched)
    assert not any(re.fullmatch(pattern, path, re.IGNORECASE) for path in not_matched)


def test_more_literal_templates_come_first() -> None:
    """Segment by segment: text, text with a parameter, a parameter, the rest."""
    templates = ["/*", "/{id}", "/a{id}", "/a", "/a/*", "/a/{id}", "/a/b"]
    assert sorted(templates, key=literalness) == ["/a", "/a/b", "/a/{id}", "/a/*", "/a{id}", "/{id}", "/*"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "is missing"),
        ("orders", "is no http or https URL"),
        ("ftp://a.example.com", "is no http or https URL"),
        ("http://a.example.com:port", "is no URL"),
        ("http://user:secret@a.example.com", "has a query, a fragment or credentials"),
        ("http://a.shop.svc", "names Service shop/a, which does not exist"),
        ("http://a.shop.svc.cluster.local", "names Service shop/a, which does not exist"),
    ],
)
def test_service_url_that_leads_nowhere(url: str | None, said: str) -> None:
    """Each says why, and quotes no credentials."""
    answer = read_service_url(url, matched="/a", manifests=Manifests(()))
    assert isinstance(answer, str)
    assert said in answer
    assert "secret" not in answer


def test_service_url_outside() -> None:
    """The port follows from the scheme; the Host towards the backend is the URL's."""
    answer = read_service_url("https://b.example.com/v1/", matched="/a", manifests=Manifests(()))
    assert isinstance(answer, Forward)
    assert answer.backends[0].backend == ExternalBackend("b.example.com", 443, tls=True)
    assert (answer.replace_prefix, answer.matched_prefix, answer.host) == ("/v1/", "/a", "b.example.com")


def test_files_that_break_keep_their_last_good_version() -> None:
    """Information, specification and policies alike; nothing changes but the findings."""
    files = {**FILES, "apis/orders/policy.xml": DOCUMENT}
    good = compiled(files)
    assert answers(good) == ["apim/orders/a"]
    for path, text in (
        ("apis/orders/apiInformation.json", "{"),
        ("apis/orders/apiInformation.json", '{"properties": {"path": 1}}'),
        ("apis/orders/specification.yaml", "openapi: 2.0"),
        ("apis/orders/specification.yaml", "a: ["),
        ("apis/orders/policy.xml", "<policies><inbound><teleport /></inbound></policies>"),
    ):
        bad = compiled({**files, path: text}, previous=good)
        assert bad.snapshot.digest == good.snapshot.digest, path
        assert bad.has_errors, path


def test_first_start_with_a_broken_file_answers_503() -> None:
    """For the whole path of the API, since its operations are not known; nothing where not even that is."""
    broken = {**FILES, "apis/orders/specification.yaml": "openapi: 2.0"}
    (closed,) = routes(compiled(broken))
    assert isinstance(closed.action, Respond)
    assert (closed.action.status, closed.match.path.value) == (503, "/orders")
    unread = {**FILES, "apis/orders/apiInformation.json": '{"properties": {"path": "orders", "wrong": 1}}'}
    assert answers(compiled(unread)) == [503]
    assert answers(compiled({**FILES, "apis/orders/apiInformation.json": "{"})) == []


def test_unreadable_policy_file_closes_its_api() -> None:
    """A policy.xml that is there and cannot be read is not the same as none."""
    sources = SourceSet({p: Source(p, t) for p, t in FILES.items()}, (), {}, frozenset(["apis/orders/policy.xml"]))
    layout = find_layout(sources, frozenset(), Found())
    assert layout is not None
    assert "apis/orders/policy.xml" in set(files_of(layout))


def test_no_layout_without_information() -> None:
    """A folder named apis is not enough."""
    assert find_layout(SourceSet({"apis/a/policy.xml": Source("apis/a/policy.xml", "")}), frozenset(), Found()) is None


def test_unmatched_requests_get_api_managements_words() -> None:
    """And the gateway is at the port that the design gives it, however many Gateways want that port."""
    text = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 81, protocol: HTTP}]}
"""
    world = compiled({**FILES, "edge.yaml": text}).world
    assert [(g.address, g.listeners[0].port) for g in world.gateways] == [("127.0.0.1", PORT), ("127.0.0.2", PORT)]
    assert world.gateways[0].unmatched_body == '{"statusCode":404,"message":"Resource not found"}'


def test_what_lies_beside_the_layout() -> None:
    """A second root, tags and overrides are told; the first root is served."""
    files = {
        **{f"a/{path}": text for path, text in FILES.items()},
        **{f"b/{path}": text for path, text in FILES.items()},
        "configuration.prod.yaml": "apimServiceName: x",
        "a/tags/red/tagInformation.json": "{}",
    }
    compilation = compiled(files)
    assert sorted(codes(compilation)) == ["TG1226", "TG1227", "TG1227"]
    assert answers(compilation) == ["apim/orders/a"]


def test_named_value_that_is_unknown_or_secret() -> None:
    """A document that needs one that is not there is not accepted."""
    policy = DOCUMENT.replace(
        "<base />", '<set-header name="X" exists-action="override"><value>{{key}}</value></set-header>', 1
    )
    value = '{"properties": {"displayName": "key", "secret": true, "value": "hunter2"}}'
    files = {**FILES, "apis/orders/policy.xml": policy}
    assert answers(compiled(files)) == [503]
    good = compiled({**files, "named values/k/namedValueInformation.json": value})
    assert answers(good) == ["apim/orders/a"]
    assert "hunter2" not in repr(good.diagnostics) + repr(good.statuses)


def test_operations_without_identifiers_get_one() -> None:
    """From the method and the path, as an import names them; extensions are no paths."""
    text = "swagger: '2.0'\npaths: {'/a/{id}': {get: {}, parameters: []}, x-y: 1}"
    (root,) = read_yaml(Source("a.yaml", text), Found(), {})
    operations = read_operations(root, "orders", Found())
    assert operations is not None
    assert [(o.id, o.method, o.template) for o in operations] == [("get-a-id", "GET", "/a/{id}")]


def test_artifact_falls_back_only_on_its_own_kind() -> None:
    """A memory of another shape is no last good version."""
    artifacts = Artifacts({}, ArtifactMemory(specifications={"a": Specification(Mapping({}, PLACE), ())}), Found())
    assert artifacts.read("a", ApiInformation, subject="a") is None
    assert artifacts.read_specification("a", "a") is not None
    assert artifacts.read_specification("b", "b") is None


def test_an_operation_id_is_of_one_operation() -> None:
    """Policies of operations/<id>/ would be of both; names that are made of paths may meet."""
    twice = "openapi: 3.0.1\npaths:\n  /a: {get: {operationId: a}}\n  /b:\n    get: {operationId: a}\n"
    found = compiled({**FILES, "apis/orders/specification.yaml": twice}).diagnostics
    assert [(d.code.code, str(d.span)) for d in found] == [("TG1223", "apis/orders/specification.yaml:5:5")]
    assert "gives two operations the operationId `a`" in found[0].message
    unnamed = "openapi: 3.0.1\npaths:\n  /a/b: {get: {}}\n  /a-b: {get: {}}\n"
    assert compiled({**FILES, "apis/orders/specification.yaml": unnamed}).diagnostics == ()


@pytest.mark.parametrize(
    ("url", "help"),
    [
        ("http://a.shop.svc", "give the folder that declares the Service as another PATH"),
        (
            "{{crm-url}}",
            "named values are for policies: write ${NAME} here, and give it with `--set NAME=...`",
        ),
        ("http://a.example.com:port", ""),
    ],
)
def test_the_way_out_of_a_service_url(url: str, help: str) -> None:
    """Where the reason alone does not say it."""
    information = FILES["apis/orders/apiInformation.json"]
    properties = {**json.loads(information)["properties"], "serviceUrl": url}
    found = compiled({**FILES, "apis/orders/apiInformation.json": json.dumps({"properties": properties})}).diagnostics
    assert [d.help for d in found if d.code.code == "TG1229"] == [help]
