"""Namespaces that may attach: Same, All, Selector, None."""

from __future__ import annotations

import pytest

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.namespaces import labels_of, lets_in
from tidegate.manifests.schema.gateway_api import LabelSelector

BLUE = {"a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: blue, labels: {team: blue}}\n"}
MANIFESTS = gather(sources_of(BLUE), Memory(), Found()).manifests
TEAM = LabelSelector(matchLabels={"team": "blue"})
NAME = LabelSelector(matchLabels={"kubernetes.io/metadata.name": "red"})


@pytest.mark.parametrize(
    ("from_", "selector", "namespace", "let"),
    [
        ("All", None, "red", True),
        ("Same", None, "red", False),
        ("Same", None, "infra", True),
        ("None", None, "infra", False),
        ("Selector", None, "blue", False),
        ("Selector", TEAM, "blue", True),
        ("Selector", TEAM, "red", False),
        ("Selector", NAME, "red", True),
        ("Selector", LabelSelector(), "red", True),
    ],
)
def test_who_is_let_in(from_: str, selector: LabelSelector | None, namespace: str, *, let: bool) -> None:
    """By the labels of the namespace, which has its name as one also where no file declares it."""
    assert lets_in(MANIFESTS, from_, selector, namespace=namespace, of="infra") is let


def test_name_of_a_namespace_cannot_be_claimed() -> None:
    """A label that says another name changes nothing."""
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: red, labels: {kubernetes.io/metadata.name: blue}}\n"
    manifests = gather(sources_of({"a.yaml": text}), Memory(), Found()).manifests
    assert labels_of(manifests, "red") == {"kubernetes.io/metadata.name": "red"}
