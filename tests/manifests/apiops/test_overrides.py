"""An environment's configuration over the artifacts."""

from __future__ import annotations

from compiling import codes, compiled
from tidegate.diagnostics import Found
from tidegate.manifests.apiops.overrides import Overrides, overridden, read_overrides
from tidegate.sources import Mapping, Source
from tidegate.sources.nodes import to_plain
from tidegate.sources.yaml import read_yaml


def tree(text: str) -> Mapping:
    (root,) = read_yaml(Source("configuration.local.yaml", text), Found(), {})
    assert isinstance(root, Mapping)
    return root


def test_properties_go_over_the_artifacts() -> None:
    """Mapping by mapping; what the entry does not name stays. Names are told without regard to case."""
    overrides = read_overrides(tree("apis: [{name: Shop, properties: {serviceUrl: b, deep: {x: 2}}}]"), Found())
    artifact = tree("properties: {serviceUrl: a, path: p, deep: {x: 1, z: 1}}\nname: m")
    plain = to_plain(overridden(artifact, overrides.get("apis", "shop")))
    assert plain == {"properties": {"serviceUrl": "b", "path": "p", "deep": {"x": 2, "z": 1}}, "name": "m"}
    assert overridden(artifact, None) is artifact
    assert overridden(artifact, tree("name: m")) is artifact


def test_what_is_not_understood_is_told() -> None:
    """Misspelt sections, entries without a name, sections that are no lists; what concerns Azure only is not."""
    found = Found()
    overrides = read_overrides(tree("apimServiceName: x\nnamedValue: []\napis: [{a: 1}]\nbackends: 1"), found)
    assert [each.code.code for each in found] == ["TG1247"] * 3
    assert overrides == Overrides()
    found = Found()
    read_overrides(read_yaml(Source("a.yaml", "- 1"), Found(), {})[0], found)
    assert [each.code.code for each in found] == ["TG1247"]
    assert read_overrides(None, found) == Overrides()


def test_entries_without_an_artifact_and_environments_without_a_file() -> None:
    """Both are told; the artifacts are served as they are."""
    files = {
        "apis/shop/apiInformation.json": '{"properties": {"path": "shop", "serviceUrl": "http://a.test"}}',
        "apis/shop/specification.yaml": "openapi: 3.0.1\npaths: {/a: {get: {operationId: a}}}",
        "configuration.local.yaml": "apis: [{name: shopp, properties: {}}]",
    }
    assert codes(compiled(files, values={"TIDEGATE_ENVIRONMENT": "local"})) == ["TG1248"]
    assert codes(compiled(files, values={"TIDEGATE_ENVIRONMENT": "prod"})) == ["TG1249", "TG1227"]
