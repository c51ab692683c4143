"""Label selectors."""

from __future__ import annotations

import pytest

from tidegate.manifests.schema.gateway_api import LabelSelector
from tidegate.manifests.selectors import selects, selects_pods

LABELS = {"team": "a", "env": "prod"}


@pytest.mark.parametrize(
    ("selector", "taken"),
    [
        ({}, True),
        ({"matchLabels": {"team": "a"}}, True),
        ({"matchLabels": {"team": "a", "env": "test"}}, False),
        ({"matchExpressions": ({"key": "team", "operator": "In", "values": ("a", "b")},)}, True),
        ({"matchExpressions": ({"key": "team", "operator": "NotIn", "values": ("a",)},)}, False),
        ({"matchExpressions": ({"key": "other", "operator": "NotIn", "values": ("a",)},)}, True),
        ({"matchExpressions": ({"key": "env", "operator": "Exists"},)}, True),
        ({"matchExpressions": ({"key": "env", "operator": "DoesNotExist"},)}, False),
    ],
)
def test_selector(selector: dict[str, object], *, taken: bool) -> None:
    """Every requirement must be met; an empty selector selects everything."""
    assert selects(LabelSelector.model_validate(selector), LABELS) is taken


def test_service_selector_that_is_empty_takes_no_pods() -> None:
    """A Service without a selector has endpoints of its own (Kubernetes, ServiceSpec.selector)."""
    assert not selects_pods({}, LABELS)
    assert selects_pods({"team": "a"}, LABELS)
    assert not selects_pods({"team": "b"}, LABELS)
