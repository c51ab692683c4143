"""References from one namespace into another: allowed only by a ReferenceGrant in the namespace referred to."""

from __future__ import annotations

from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.gateway_api import ReferenceGrant
from tidegate.model import ObjectKey


def malformed_grant(manifests: Manifests, namespace: str) -> bool:
    """Whether a grant of the namespace is malformed: what it would allow cannot be told, and that is said there."""
    return manifests.refused_in("ReferenceGrant", namespace)


def permitted(manifests: Manifests, *, referrer: ObjectKey, target: ObjectKey) -> bool:
    """Whether `referrer` may refer to `target` (ReferenceGrant: any grant that lists both suffices)."""
    if referrer.namespace == target.namespace:
        return True
    for grant in manifests.in_namespace(ReferenceGrant, target.namespace):
        if not grant.serves:
            continue
        spec = grant.body.spec
        given = any(
            (f.group, f.kind, f.namespace) == (referrer.group, referrer.kind, referrer.namespace) for f in spec.from_
        )
        if given and any(
            (t.group, t.kind) == (target.group, target.kind) and t.name in (None, target.name) for t in spec.to
        ):
            return True
    return False


def grant_to_add(*, referrer: ObjectKey, target: ObjectKey) -> str:
    """The ReferenceGrant that would allow exactly this reference, as one document of YAML in one line."""
    group = target.group or '""'
    return (
        "{apiVersion: gateway.networking.k8s.io/v1, kind: ReferenceGrant, "
        f"metadata: {{name: {referrer.namespace}-to-{target.name}, namespace: {target.namespace}}}, spec: {{"
        f"from: [{{group: {referrer.group}, kind: {referrer.kind}, namespace: {referrer.namespace}}}], "
        f"to: [{{group: {group}, kind: {target.kind}, name: {target.name}}}]}}}}"
    )
