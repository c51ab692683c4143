"""Documents whose kind or group was written wrongly: which kind was probably meant.

Only kinds whose absence would do harm are looked for. A route that is left out hands its requests to a wider one, and a
policy that is left out leaves open what it protects.
"""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.suggest import nearest
from tidegate.manifests.objects import text_of
from tidegate.manifests.schema import alb, gateway_api, tidegate
from tidegate.manifests.schema.kinds import KINDS, PROTECTING, ROUTES, Kind
from tidegate.sources import Mapping

_APIM_POLICY: Final = (tidegate.GROUP, "ApimPolicy")
_READ: Final = (ROUTES | PROTECTING) - {_APIM_POLICY}
"""Kinds that are read although their own is written wrongly. An ApimPolicy closes its namespace instead."""
_BY_FIELDS: Final = (
    (frozenset(("targetRefs", "policy")), _APIM_POLICY),
    (frozenset(("targetRefs", "limits")), (tidegate.GROUP, "RateLimitPolicy")),
    (frozenset(("targetRefs", "validation")), (gateway_api.GROUP, "BackendTLSPolicy")),
)
"""Fields of a `spec` that only one kind has."""


def meant_kind(node: Mapping, group: str, kind: str) -> Kind | None:
    """The kind that a document probably stands for, if it is one that is read then."""
    key = _meant(node, group, kind)
    return KINDS[key] if key in _READ else None


def policy_of(node: Mapping, group: str, kind: str) -> str | None:
    """The namespace of what was probably meant to be a protecting policy; else None."""
    if _meant(node, group, kind) not in PROTECTING:
        return None
    metadata = node.get("metadata")
    given = text_of(metadata.get("namespace")) if isinstance(metadata, Mapping) else None
    return given or "default"


def _meant(node: Mapping, group: str, kind: str) -> tuple[str, str] | None:
    spec = node.get("spec")
    fields = spec.entries.keys() if isinstance(spec, Mapping) else frozenset[str]()
    harmful = ROUTES | PROTECTING
    if (group, kind) in harmful:
        return group, kind
    near = nearest(kind, sorted({name for _, name in harmful})) if kind else None
    groups = sorted(each for each, name in harmful if name == near)
    if near is not None and group in groups:
        return group, near
    if near is not None and (not group or len(groups) == 1):
        # Two groups have a BackendTLSPolicy: Application Gateway for Containers' has one target, not a list.
        others = [each for each in groups if each != alb.GROUP]
        return (others[0] if others and "targetRef" not in fields else groups[0]), near
    return next((key for names, key in _BY_FIELDS if names <= fields), None)
