"""Label selectors (Kubernetes, LabelSelector)."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.manifests.schema.gateway_api import LabelSelector


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels meet every requirement; an empty selector selects everything."""
    if any(labels.get(key) != value for key, value in selector.match_labels.items()):
        return False
    for requirement in selector.match_expressions:
        value = labels.get(requirement.key)
        match requirement.operator:
            case "In":
                met = value in requirement.values
            case "NotIn":
                met = value not in requirement.values
            case "Exists":
                met = value is not None
            case "DoesNotExist":
                met = value is None
        if not met:
            return False
    return True


def selects_pods(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a Service's selector takes pods with these labels; an empty one takes none."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())
