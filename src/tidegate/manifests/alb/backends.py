"""All that attached policies say of one port of a Service, and what each of those policies is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb.affinity import services_with_affinity
from tidegate.manifests.alb.backend_tls import speaks_tls, tls_of_port
from tidegate.manifests.alb.health import Labelled, by_default, from_policy, from_readiness, labelled_deployments
from tidegate.manifests.alb.holders import holder
from tidegate.manifests.alb.judging import sound_health_checks
from tidegate.manifests.alb.load_balancers import product_in_use
from tidegate.manifests.alb.load_balancing import balancing_of, breaker_of
from tidegate.manifests.alb.settings import BackendSettings
from tidegate.manifests.alb.targets import NONE, ServicePolicies, policies_of_services
from tidegate.manifests.endpoints import RunLookup, SliceLookup, runnable, slices_of
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy, HealthCheckPolicy
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.model import HealthCheck, LoadBalancing, LoadBalancingStrategy, ObjectKey, ObjectName

_NO_DEPLOYMENTS: Mapping[tuple[str, str], tuple[ObjectKey, ...]] = {}


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is known of a Service from all over the manifests; each part is worth remembering by itself."""

    policies: ServicePolicies = NONE
    """`policies_of_services(manifests, namespace)[name]`."""
    labelled: Labelled = field(default_factory=lambda: _NO_DEPLOYMENTS)
    """`labelled_deployments(manifests, namespace)`."""
    affine: bool = False
    """Whether a route sends to it whose sessions stick: `name in services_with_affinity(manifests)`."""
    product: bool = False
    """Whether Application Gateway for Containers is meant: `product_in_use(manifests)`."""


def service_facts(manifests: Manifests, service: ObjectName) -> ServiceFacts:
    """The same, worked out from scratch."""
    return ServiceFacts(
        policies_of_services(manifests, service.namespace).get(service.name, NONE),
        labelled_deployments(manifests, service.namespace),
        service in services_with_affinity(manifests),
        product_in_use(manifests),
    )


def backend_settings(
    manifests: Manifests,
    service: ObjectName,
    port: int,
    found: Found,
    *,
    facts: ServiceFacts | None = None,
    slices: SliceLookup = slices_of,
    runs: RunLookup = runnable,
) -> BackendSettings:
    """What policies say of one port. A Service or port that does not exist has nothing said of it."""
    known = service_facts(manifests, service) if facts is None else facts
    there = _port_of(manifests, service, port)
    if there is None:
        return BackendSettings()
    owner, served = there
    tls = tls_of_port(manifests, owner, served, known.policies, found)
    if tls.why:
        return BackendSettings(why_closed=tls.why)
    balancing = holder(manifests, BackendLoadBalancingPolicy, known.policies.balancing, owner, served)
    return BackendSettings(
        tls=tls.tls,
        load_balancing=_balancing(balancing, affine=known.affine),
        circuit_breaker=breaker_of(balancing.body.spec.circuit_breaker) if balancing and balancing.serves else None,
        health_check=_health_check(manifests, owner, served, known, found, slices, runs),
    )


def says_tls(manifests: Manifests, service: ObjectName, port: int, *, facts: ServiceFacts | None = None) -> bool:
    """Whether some policy says how TLS is spoken to a port: one that does so badly closes it."""
    known = service_facts(manifests, service) if facts is None else facts
    there = _port_of(manifests, service, port)
    return there is not None and speaks_tls(manifests, *there, known.policies)


def _port_of(manifests: Manifests, name: ObjectName, number: int) -> tuple[Object[Service], ServicePort] | None:
    service = manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    if service is None:
        return None
    port = next((port for port in service.body.spec.ports if port.port == number), None)
    if port is None and service.body.spec.type == "ExternalName" and not service.body.spec.ports:
        port = ServicePort(port=number)
    return (service, port) if port is not None else None


def _balancing(policy: Object[BackendLoadBalancingPolicy] | None, *, affine: bool) -> LoadBalancing | None:
    balancing = balancing_of(policy) if policy is not None and policy.serves else None
    if balancing is None and affine:
        # Sessions stick on a ring. A policy that says otherwise has kept the route's policy from being accepted.
        return LoadBalancing(LoadBalancingStrategy.RING_HASH)
    return balancing


def _health_check(
    manifests: Manifests,
    service: Object[Service],
    port: ServicePort,
    facts: ServiceFacts,
    found: Found,
    slices: SliceLookup,
    runs: RunLookup,
) -> HealthCheck | None:
    sound = sound_health_checks(manifests, facts.policies)
    policy = holder(manifests, HealthCheckPolicy, sound, service, port)
    if policy is not None:
        check = from_policy(policy, service, port, manifests)
        if check.port is None or slices(manifests, service.name) or not runs(service, manifests):
            return check
        found.add(
            codes.PROBE_PORT,
            at=policy.at("spec", "default", "port"),
            policy=policy.key,
            port=check.port,
            service=service.name,
            notes=["Tidegate starts these processes, and sends to those that take connections"],
        )
        return None
    ready = from_readiness(manifests, service, port, facts.labelled, found)
    if ready is not None or not facts.product:
        return ready
    return by_default(slices(manifests, service.name))
