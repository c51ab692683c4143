"""The index of objects, and the places of their parts."""

from __future__ import annotations

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.objects import Manifests, State, key_span, text_of
from tidegate.manifests.schema.core import ConfigMap, Service
from tidegate.sources import Mapping

TEXT = """apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec:
  ports:
    - port: 80
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
"""


def manifests() -> Manifests:
    return gather(sources_of({"a.yaml": TEXT}), Memory(), Found()).manifests


def test_objects_are_sorted_and_found_by_kind_and_name() -> None:
    """Whatever the order of the documents."""
    index = manifests()
    assert [each.key.name for each in index.of(Service)] == ["a", "b"] == [each.key.name for each in index]
    assert index.of(ConfigMap) == ()
    found = index.get(Service, group="", namespace="shop", name="b")
    assert found is not None
    assert (str(found.name), found.file, found.state, found.generation) == ("shop/b", "a.yaml", State.ACCEPTED, 1)
    assert index.get(Service, group="", namespace="other", name="b") is None


def test_places_of_keys_and_values() -> None:
    """A value's place, a key's place, and the nearest that is there."""
    found = manifests().get(Service, group="", namespace="shop", name="b")
    assert found is not None
    assert str(found.at("spec", "ports", 0, "port")) == "a.yaml:6:13"
    assert str(found.key_at("spec", "ports", 0, "port")) == "a.yaml:6:7"
    assert str(found.key_at("spec", "ports", 5)) == "a.yaml:5:3"
    assert str(key_span(found.node, ("nothing",))) == "a.yaml:1:1"


def test_text_of_a_node() -> None:
    """Only text counts as text."""
    found = manifests().get(Service, group="", namespace="shop", name="b")
    assert found is not None
    assert isinstance(found.node, Mapping)
    assert text_of(found.node.get("kind")) == "Service"
    assert text_of(found.node.get("spec")) is None
    assert text_of(None) is None
