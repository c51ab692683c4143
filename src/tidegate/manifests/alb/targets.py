"""Which policies name which Service: the index that settings are worked out from, and what is wrong with a target."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.alb import (
    AlbBackendTLSPolicy,
    BackendLoadBalancingPolicy,
    HealthCheckPolicy,
)
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy, ReferenceGrant
from tidegate.model import ObjectKey, ObjectName

R = TypeVar("R", bound=Resource)
Path: TypeAlias = tuple[str | int, ...]

TLS_SCHEMAS: Final = (BackendTLSPolicy, AlbBackendTLSPolicy)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reference of a policy to a Service."""

    group: str
    kind: str
    service: ObjectName
    sections: tuple[str, ...]
    """Ports by name."""
    ports: tuple[int, ...]
    path: Path
    """Of the reference, in the policy's document."""
    ports_path: Path = ()

    @property
    def specific(self) -> bool:
        """Whether it is for some ports and not for all."""
        return bool(self.sections or self.ports)

    def covers(self, port: ServicePort) -> bool:
        return not self.specific or port.port in self.ports or (port.name is not None and port.name in self.sections)

    def lacking(self, service: Object[Service]) -> str:
        """The section or port that the Service does not have; "" when it has them all."""
        names = {port.name for port in service.body.spec.ports}
        numbers = {port.port for port in service.body.spec.ports}
        for section in self.sections:
            if section not in names:
                return f"port `{section}`"
        return next((f"port {number}" for number in self.ports if number not in numbers), "")


@dataclass(frozen=True, slots=True)
class ServicePolicies:
    """The policies that name one Service, of each kind the oldest first."""

    tls: tuple[ObjectKey, ...] = ()
    """BackendTLSPolicy of the Gateway API."""
    alb_tls: tuple[ObjectKey, ...] = ()
    health: tuple[ObjectKey, ...] = ()
    balancing: tuple[ObjectKey, ...] = ()
    meant: str = ""
    """A BackendTLSPolicy with a misspelt target probably means this Service: why it is closed."""


NONE: Final = ServicePolicies()

PolicyLookup: TypeAlias = Callable[[ObjectName], ServicePolicies]
"""The policies that name a Service: `policies_of_services(manifests, namespace)[name]`, or the same remembered."""
_FIELDS: Final[Mapping[type[Resource], str]] = {
    BackendTLSPolicy: "tls",
    AlbBackendTLSPolicy: "alb_tls",
    HealthCheckPolicy: "health",
    BackendLoadBalancingPolicy: "balancing",
}


def wanted_by(policy: Object[Any]) -> tuple[Wanted, ...]:
    """What a policy names."""
    own = policy.key.namespace
    match policy.body:
        case BackendTLSPolicy(spec=spec):
            return tuple(
                Wanted(
                    each.group,
                    each.kind,
                    ObjectName(own, each.name),
                    (each.section_name,) if each.section_name else (),
                    (),
                    ("spec", "targetRefs", index),
                )
                for index, each in enumerate(spec.target_refs)
            )
        case HealthCheckPolicy(spec=spec):
            one = spec.target_ref
            name = ObjectName(one.namespace or own, one.name)
            return (Wanted(one.group, one.kind, name, (), (), ("spec", "targetRef")),)
        case AlbBackendTLSPolicy(spec=spec):
            one = spec.target_ref
            name = ObjectName(one.namespace or own, one.name)
            ports = tuple(each.port for each in spec.default.ports) if spec.default else ()
            path = ("spec", "targetRef")
            return (Wanted(one.group, one.kind, name, one.section_names, ports, path, ("spec", "default", "ports")),)
        case BackendLoadBalancingPolicy(spec=spec):
            return tuple(
                Wanted(
                    each.target.group,
                    each.target.kind,
                    ObjectName(each.target.namespace or own, each.target.name),
                    each.target.section_names,
                    tuple(port.port for port in each.ports),
                    ("spec", "targetRefs", index),
                    ("spec", "targetRefs", index, "ports"),
                )
                for index, each in enumerate(spec.target_refs)
            )
    raise TypeError(f"{policy.key} does not attach to Services")


def policies_for(manifests: Manifests, schema: type[R], namespace: str) -> Iterator[Object[R]]:
    """The policies of a kind that may attach in a namespace: its own, and those of namespaces that a grant lets in."""
    yield from manifests.in_namespace(schema, namespace)
    if schema is BackendTLSPolicy:
        return  # its targets are in its own namespace
    others = {
        each.namespace
        for grant in manifests.in_namespace(ReferenceGrant, namespace)
        if grant.serves
        for each in grant.body.spec.from_
        if each.kind == schema.kind_name() and each.namespace != namespace
    }
    for other in sorted(others):
        yield from manifests.in_namespace(schema, other)


def lookup_policies(manifests: Manifests) -> PolicyLookup:
    """For one run over many: each namespace is looked through once."""
    indexes: dict[str, dict[str, ServicePolicies]] = {}

    def lookup(service: ObjectName) -> ServicePolicies:
        if service.namespace not in indexes:
            indexes[service.namespace] = policies_of_services(manifests, service.namespace)
        return indexes[service.namespace].get(service.name, NONE)

    return lookup


def policies_of_services(manifests: Manifests, namespace: str) -> dict[str, ServicePolicies]:
    """The Services of a namespace that policies name, by name."""
    named: dict[str, dict[str, list[ObjectKey]]] = {}
    unmet: list[tuple[Object[Any], Wanted]] = []
    known: set[str] = set()
    for schema, field in _FIELDS.items():
        if schema in TLS_SCHEMAS and not known and any(policies_for(manifests, schema, namespace)):
            # By their keys alone: what changes in a Service does not change who names it. Where no policy names any,
            # Services come and go without a look at what concerns thousands of others.
            known = {key.name for key in manifests.keys(Service) if key.namespace == namespace}
        for policy in sorted(policies_for(manifests, schema, namespace), key=lambda each: each.age_key):
            for wanted in wanted_by(policy):
                if wanted.service.namespace != namespace:
                    continue
                if schema in TLS_SCHEMAS and not _exists(manifests, wanted, known):
                    unmet += [(policy, wanted)] if policy.key.namespace == namespace else []
                elif _allowed(manifests, policy, wanted):
                    keys = named.setdefault(wanted.service.name, {}).setdefault(field, [])
                    keys += [policy.key] if policy.key not in keys else []
    meant: dict[str, str] = {}
    for policy, wanted in unmet:
        near = nearest(wanted.service.name, known)
        # What has a policy of its own is covered; anything else must not be spoken to in the clear by a typing mistake.
        if near is not None and not {"tls", "alb_tls"} & named.get(near, {}).keys():
            meant.setdefault(near, f"{policy.key} targets {_shown(wanted)}, and probably means this Service")
    return {
        name: ServicePolicies(
            **{field: tuple(keys) for field, keys in named.get(name, {}).items()}, meant=meant.get(name, "")
        )
        for name in sorted({*named, *meant})
    }


def _exists(manifests: Manifests, wanted: Wanted, known: Collection[str]) -> bool:
    if (wanted.group, wanted.kind) != ("", "Service"):
        return False
    return wanted.service.name in known or manifests.is_refused(service_key(wanted.service))


def _allowed(manifests: Manifests, policy: Object[Any], wanted: Wanted) -> bool:
    if (wanted.group, wanted.kind) != ("", "Service"):
        return False
    return permitted(manifests, referrer=policy.key, target=service_key(wanted.service))


def service_key(name: ObjectName) -> ObjectKey:
    return ObjectKey("", "Service", name.namespace, name.name)


def _shown(wanted: Wanted) -> str:
    return f"{wanted.kind} {wanted.service}"


def target_problem(
    manifests: Manifests, policy: Object[Any], wanted: Wanted, *, missing: str, found: Found
) -> Problem | None:
    """Why a reference does not lead to a Service, reported; `missing` is the reason for one that is not there."""

    def refuse(reason: str, finding_message: str) -> Problem:
        return Problem("ResolvedRefs", reason, finding_message)

    if (wanted.group, wanted.kind) != ("", "Service"):
        wrong_kind = wanted.kind != "Service"
        finding = found.add(
            codes.TARGET_KIND,
            at=policy.at(*wanted.path, "kind" if wrong_kind else "group"),
            policy=policy.key,
            kind=f"{wanted.kind} of group `{wanted.group}`" if wanted.group else wanted.kind,
            expected='Services, of kind Service and group ""',
        )
        return refuse("InvalidKind" if wrong_kind else "InvalidGroup", finding.message)
    target = service_key(wanted.service)
    if not permitted(manifests, referrer=policy.key, target=target):
        if malformed_grant(manifests, target.namespace):
            return refuse("RefNotPermitted", f"the ReferenceGrants of namespace {target.namespace} are malformed")
        finding = found.add(
            codes.TARGET_NOT_PERMITTED,
            at=policy.at(*wanted.path, "namespace"),
            policy=policy.key,
            target=target,
            help=f"add to namespace `{target.namespace}`: {grant_to_add(referrer=policy.key, target=target)}",
        )
        return refuse("RefNotPermitted", finding.message)
    service = manifests.get(Service, group="", namespace=target.namespace, name=target.name)
    if service is None and manifests.is_refused(target):
        return refuse(missing, f"{target} is malformed")
    if service is None:
        known = [s.key.name for s in manifests.in_namespace(Service, target.namespace)]
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at(*wanted.path, "name"),
            policy=policy.key,
            target=target,
            help=did_you_mean(target.name, known),
        )
        return refuse(missing, finding.message)
    if lacking := wanted.lacking(service):
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at(*(wanted.ports_path if wanted.ports and wanted.ports_path else wanted.path)),
            policy=policy.key,
            target=f"{lacking} of {target}",
            label="it has " + " and ".join(_port(p) for p in service.body.spec.ports)
            if service.body.spec.ports
            else "",
        )
        return refuse(missing, finding.message)
    return None


def _port(port: ServicePort) -> str:
    return f"{port.port} ({port.name})" if port.name else str(port.port)
