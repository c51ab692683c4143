"""Namespaces that may attach something: Same, All, Selector, None (AllowedRoutes, AllowedListeners)."""

from __future__ import annotations

from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import Namespace
from tidegate.manifests.schema.gateway_api import LabelSelector
from tidegate.manifests.selectors import selects


def labels_of(manifests: Manifests, namespace: str) -> dict[str, str]:
    """A namespace's labels; the name is one of them, as in every cluster. One that no file declares has no others."""
    declared = manifests.get(Namespace, group="", namespace="", name=namespace)
    labels = dict(declared.body.metadata.labels) if declared is not None else {}
    return labels | {"kubernetes.io/metadata.name": namespace}


def lets_in(manifests: Manifests, from_: str, selector: LabelSelector | None, *, namespace: str, of: str) -> bool:
    """Whether what stands in `namespace` may attach to what stands in `of`."""
    match from_:
        case "All":
            return True
        case "Same":
            return namespace == of
        case "Selector":
            return selector is not None and selects(selector, labels_of(manifests, namespace))
        case _:
            return False
