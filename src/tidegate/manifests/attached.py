"""Attached policies as queries: what of them concerns one port of a Service, one route, one listener.

Each is worked out from an index of its namespace, and compared: a policy that changes concerns what it names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tidegate.manifests.alb import (
    BackendSettings,
    FrontendTls,
    GatewayPolicies,
    RouteSettings,
    ServiceFacts,
    ServicePolicies,
    backend_settings,
    frontend_tls,
    labelled_deployments,
    policies_of_gateways,
    policies_of_routes,
    policies_of_services,
    product_in_use,
    route_settings,
    says_tls,
    services_with_affinity,
)
from tidegate.manifests.alb.health import Labelled
from tidegate.manifests.alb.targets import NONE
from tidegate.manifests.asking import Ask
from tidegate.manifests.endpoints import RunLookup, SliceLookup
from tidegate.manifests.listeners import gateway_key
from tidegate.model import Forward, ObjectKey, ObjectName, Timeouts
from tidegate.model.routes import Action

NO_SETTINGS: Final = RouteSettings()

# Services.


def _services_in(ask: Ask, namespace: str) -> dict[str, ServicePolicies]:
    return policies_of_services(ask.manifests, namespace)


def service_policies(ask: Ask, service: ObjectName) -> ServicePolicies:
    """The policies that name one Service."""
    return ask.call(_services_in, service.namespace).get(service.name, NONE)


def _readiness_in(ask: Ask, namespace: str) -> Labelled:
    return labelled_deployments(ask.manifests, namespace)


def _sticky(ask: Ask) -> frozenset[ObjectName]:
    return services_with_affinity(ask.manifests)


def sticks_to(ask: Ask, service: ObjectName) -> bool:
    """Whether some route's sessions are meant to stick to endpoints of a Service."""
    return service in ask.call(_sticky)


def product(ask: Ask) -> bool:
    """Whether Application Gateway for Containers is meant."""
    return product_in_use(ask.manifests)


def _facts(ask: Ask, service: ObjectName, *, http: bool) -> ServiceFacts:
    return ServiceFacts(
        ask.call(service_policies, service),
        ask.call(_readiness_in, service.namespace),
        ask.call(sticks_to, service),
        http and ask.call(product),
    )


def settings_of_port(
    ask: Ask, service: ObjectName, port: int, *, http: bool, slices: SliceLookup, runs: RunLookup
) -> BackendSettings:
    """What policies say of one port; part of the query about its backend, which knows the lookups. Where no `http` is
    spoken, nothing is asked by default."""
    facts = _facts(ask, service, http=http)
    return backend_settings(ask.manifests, service, port, ask.found, facts=facts, slices=slices, runs=runs)


def speaks_tls(ask: Ask, service: ObjectName, port: int) -> bool:
    """Whether a policy says how TLS is spoken to a port of a Service."""
    return says_tls(ask.manifests, service, port, facts=ServiceFacts(ask.call(service_policies, service)))


# Routes.


def _routes_in(ask: Ask, namespace: str) -> dict[ObjectKey, tuple[ObjectKey, ...]]:
    return policies_of_routes(ask.manifests, namespace)


def route_policies(ask: Ask, route: ObjectKey) -> tuple[ObjectKey, ...]:
    """The RoutePolicies that name a route, the oldest first."""
    return ask.call(_routes_in, route.namespace).get(route, ())


def _names_routes(ask: Ask, namespace: str) -> bool:
    """Whether there is any policy for a route of a namespace: mostly not, and then no route needs to be told."""
    return bool(ask.call(_routes_in, namespace))


def settings_of_route(ask: Ask, route: ObjectKey) -> RouteSettings:
    """What the route's RoutePolicy says. Part of a query."""
    return ask.call(_settings_of_route, route) if ask.call(_names_routes, route.namespace) else NO_SETTINGS


def _settings_of_route(ask: Ask, route: ObjectKey) -> RouteSettings:
    def of_service(service: ObjectName) -> ServicePolicies:
        return ask.call(service_policies, service)

    policies = ask.call(route_policies, route)
    return route_settings(ask.manifests, route, ask.found, policies=policies, of_service=of_service)


def with_settings(action: Action, settings: RouteSettings) -> Action:
    """The action of a rule that has no timeouts, or no session persistence, of its own, with the policy's."""
    if not isinstance(action, Forward):
        return action
    if settings.timeouts is not None and action.timeouts == Timeouts():
        action = replace(action, timeouts=settings.timeouts)
    if settings.affinity is not None and action.affinity is None:
        action = replace(action, affinity=settings.affinity)
    return action


# Listeners.


def _gateways_in(ask: Ask, namespace: str) -> dict[str, GatewayPolicies]:
    return policies_of_gateways(ask.manifests, namespace)


def gateway_policies(ask: Ask, gateway: ObjectName) -> GatewayPolicies:
    """The FrontendTLSPolicies that name a Gateway."""
    return ask.call(_gateways_in, gateway.namespace).get(gateway.name, GatewayPolicies())


def listener_policy(ask: Ask, gateway: ObjectName, listener: str) -> FrontendTls:
    """What the FrontendTLSPolicy of a listener says; `listener` is "" for a ListenerSet's, which no policy names."""
    policies = ask.call(gateway_policies, gateway)
    return frontend_tls(ask.manifests, gateway_key(gateway), listener, ask.found, policies=policies)
