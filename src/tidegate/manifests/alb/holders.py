"""Which policy holds a port of a Service: one that names the port before one for all of it, then the older."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.alb.targets import ServicePolicies, Wanted, wanted_by
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.model import ObjectKey

R = TypeVar("R", bound=Resource)


def claims(
    manifests: Manifests, schema: type[R], keys: Sequence[ObjectKey], service: Object[Service]
) -> Iterator[tuple[Object[R], Wanted]]:
    """Every reference of these policies to a Service, in the order of the keys."""
    for key in keys:
        policy = manifests.get(schema, group=key.group, namespace=key.namespace, name=key.name)
        if policy is not None:
            yield from ((policy, wanted) for wanted in wanted_by(policy) if wanted.service == service.name)


def holder(
    manifests: Manifests, schema: type[R], keys: Sequence[ObjectKey], service: Object[Service], port: ServicePort
) -> Object[R] | None:
    """The policy that a port follows."""
    covering = [(policy, wanted) for policy, wanted in claims(manifests, schema, keys, service) if wanted.covers(port)]
    # `sorted` is stable: of equals, the older stays first.
    ranked = sorted(covering, key=lambda each: not each[1].specific)
    return ranked[0][0] if ranked else None


def conflict(
    manifests: Manifests,
    policy: Object[Any],
    wanted: Wanted,
    keys: Sequence[ObjectKey],
    service: Object[Service],
    found: Found,
) -> Problem | None:
    """Who holds, with equal right and for longer, a port that a reference of `policy` wants; reported."""
    for other, claim in claims(manifests, type(policy.body), keys, service):
        if other.key == policy.key:
            return None
        shared = [p for p in service.body.spec.ports if claim.covers(p) and wanted.covers(p)]
        if claim.specific == wanted.specific and (shared or not service.body.spec.ports):
            named = f"port {shared[0].port} of {service.key}" if wanted.specific else service.key
            return taken(policy, wanted, named, other, found)
    return None


def taken(policy: Object[Any], wanted: Wanted, target: object, other: Object[Any], found: Found) -> Problem:
    """Report that another policy has the target already."""
    finding = found.add(
        codes.TARGET_TAKEN,
        at=policy.at(*wanted.path),
        policy=policy.key,
        target=target,
        other=other.key if other.key.group == policy.key.group else f"{other.key} of {other.key.group}",
        notes=["the older policy has it; without timestamps, the first by namespace and name"],
        related=[Related(other.at("metadata", "name"), "attached here")],
    )
    return Problem("Accepted", "Conflicted", finding.message)


def tls_policies(policies: ServicePolicies) -> tuple[ObjectKey, ...]:
    """All that may say how TLS is spoken to a Service."""
    return (*policies.tls, *policies.alb_tls)
