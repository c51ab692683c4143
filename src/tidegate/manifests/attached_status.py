"""`.status` of attached policies as queries, one for each policy."""

from __future__ import annotations

from tidegate.manifests.addresses import served_gateways
from tidegate.manifests.alb import check_load_balancer, policy_status
from tidegate.manifests.alb.statuses import SCHEMAS, Lookups
from tidegate.manifests.alb.targets import wanted_by
from tidegate.manifests.asking import Ask
from tidegate.manifests.attached import gateway_policies, route_policies, service_policies
from tidegate.manifests.conditions import JsonObject
from tidegate.manifests.listeners import controller, find_gateway, gateway_key
from tidegate.manifests.routing import routed
from tidegate.manifests.schema.gateway_api import GROUP, BackendTLSPolicy
from tidegate.model import ObjectKey, ObjectName


def attached_statuses(ask: Ask) -> dict[ObjectKey, JsonObject]:
    """`.status` of every attached policy."""
    for name in ask.call(served_gateways):
        ask.call(load_balancer_checked, name)
    keys = (key for schema in SCHEMAS for key in ask.manifests.keys(schema))
    return {key: ask.call(attached_status, key) for key in keys}


def attached_status(ask: Ask, key: ObjectKey) -> JsonObject:
    """Of one policy, with its findings."""
    named = Lookups(
        lambda service: ask.call(service_policies, service),
        lambda route: ask.call(route_policies, route),
        lambda gateway: ask.call(gateway_policies, gateway),
    )
    if (key.group, key.kind) != (GROUP, "BackendTLSPolicy"):
        return policy_status(ask.manifests, key, {}, ask.found, named=named)
    policy = ask.manifests.get(BackendTLSPolicy, group=GROUP, namespace=key.namespace, name=key.name)
    names = {wanted.service for wanted in wanted_by(policy)} if policy is not None else set()
    reached = {name: frozenset(map(gateway_key, ask.call(gateways_of, name))) for name in sorted(names)}
    controllers = {
        gateway: served_by
        for gateways in reached.values()
        for gateway in gateways
        if (served_by := ask.call(controller, ObjectName(gateway.namespace, gateway.name))) is not None
    }
    return policy_status(ask.manifests, key, reached, ask.found, controllers=controllers, named=named)


def gateways_of(ask: Ask, service: ObjectName) -> tuple[ObjectName, ...]:
    """The Gateways by which requests reach a Service, sorted."""
    return ask.call(_reached).get(service, ())


def _reached(ask: Ask) -> dict[ObjectName, tuple[ObjectName, ...]]:
    reached: dict[ObjectName, list[ObjectName]] = {}
    for service, gateway in sorted(ask.call(_pairs)):
        reached.setdefault(service, []).append(gateway)
    return {service: tuple(gateways) for service, gateways in reached.items()}


def _pairs(ask: Ask) -> frozenset[tuple[ObjectName, ObjectName]]:
    """The same after most changes of a route."""
    return ask.call(routed).gateways


def load_balancer_checked(ask: Ask, name: ObjectName) -> None:
    """Findings about the annotations by which a Gateway belongs to an ApplicationLoadBalancer."""
    gateway = find_gateway(ask.manifests, name)
    if gateway is not None:
        check_load_balancer(ask.manifests, gateway, ask.found)
