"""`.status` of every attached policy: what the Gateway API and the product say of it, with the same reasons.

The Gateway API's BackendTLSPolicy has its conditions once for each Gateway that reaches its Services (GEP-713: the
ancestor is the Gateway); the product's kinds have them once, BackendLoadBalancingPolicy once for each target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.manifests.alb import conditions as tables
from tidegate.manifests.alb.affinity import policies_of_routes, target_of
from tidegate.manifests.alb.backend_tls import judge_alb_backend_tls
from tidegate.manifests.alb.conditions import Problem, conditions_of
from tidegate.manifests.alb.frontend_tls import NONE as NO_POLICIES
from tidegate.manifests.alb.frontend_tls import (
    GatewayPolicies,
    gateway_problem,
    judge_frontend_tls,
    policies_of_gateways,
)
from tidegate.manifests.alb.frontend_tls import target_of as gateway_of
from tidegate.manifests.alb.holders import conflict, tls_policies
from tidegate.manifests.alb.judging import judge_health_check, remark_on_balancing, sound_health_checks
from tidegate.manifests.alb.load_balancers import load_balancer_status
from tidegate.manifests.alb.routes import followed, judge_route_policy, own_timeouts, remark_on_cookie
from tidegate.manifests.alb.targets import PolicyLookup, Wanted, lookup_policies, target_problem, wanted_by
from tidegate.manifests.backend_tls import judge_backend_tls
from tidegate.manifests.classes import TIDEGATE
from tidegate.manifests.conditions import JsonObject, Table
from tidegate.manifests.objects import Manifests, Object, State
from tidegate.manifests.schema.alb import (
    AlbBackendTLSPolicy,
    ApplicationLoadBalancer,
    BackendLoadBalancingPolicy,
    FrontendTLSPolicy,
    HealthCheckPolicy,
    RoutePolicy,
)
from tidegate.manifests.schema.core import Service
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy
from tidegate.model import ObjectKey, ObjectName

Ancestors = Mapping[ObjectName, frozenset[ObjectKey]]
"""The Gateways that send to a Service."""

MAX_ANCESTORS: Final = 16
"""PolicyStatus.ancestors holds no more."""


@dataclass(frozen=True)
class Lookups:
    """Who names what: looked for in the manifests, or remembered."""

    services: PolicyLookup
    routes: Callable[[ObjectKey], tuple[ObjectKey, ...]]
    """`policies_of_routes(manifests, namespace)[route]`."""
    gateways: Callable[[ObjectName], GatewayPolicies]
    """`policies_of_gateways(manifests, namespace)[name]`."""


def lookups(manifests: Manifests) -> Lookups:
    """From the manifests; each namespace is looked through once."""
    routes: dict[str, dict[ObjectKey, tuple[ObjectKey, ...]]] = {}
    gateways: dict[str, dict[str, GatewayPolicies]] = {}

    def of_route(route: ObjectKey) -> tuple[ObjectKey, ...]:
        if route.namespace not in routes:
            routes[route.namespace] = policies_of_routes(manifests, route.namespace)
        return routes[route.namespace].get(route, ())

    def of_gateway(gateway: ObjectName) -> GatewayPolicies:
        if gateway.namespace not in gateways:
            gateways[gateway.namespace] = policies_of_gateways(manifests, gateway.namespace)
        return gateways[gateway.namespace].get(gateway.name, NO_POLICIES)

    return Lookups(lookup_policies(manifests), of_route, of_gateway)


SCHEMAS: Final = (
    BackendTLSPolicy,
    AlbBackendTLSPolicy,
    HealthCheckPolicy,
    BackendLoadBalancingPolicy,
    RoutePolicy,
    FrontendTLSPolicy,
    ApplicationLoadBalancer,
)


def policy_statuses(
    manifests: Manifests,
    ancestors_of_service: Ancestors,
    found: Found,
    *,
    controllers: Mapping[ObjectKey, str] | None = None,
) -> dict[ObjectKey, JsonObject]:
    """The status of every policy, with its findings. `controllers` tells the controller of a Gateway, Tidegate's where
    it does not."""
    named = lookups(manifests)
    return {
        policy.key: policy_status(
            manifests, policy.key, ancestors_of_service, found, controllers=controllers, named=named
        )
        for schema in SCHEMAS
        for policy in manifests.of(schema)
    }


def policy_status(
    manifests: Manifests,
    key: ObjectKey,
    ancestors_of_service: Ancestors,
    found: Found,
    *,
    controllers: Mapping[ObjectKey, str] | None = None,
    named: Lookups | None = None,
) -> JsonObject:
    """The status of one policy, with its findings. Raises KeyError for what is no policy."""
    schema = next((each for each in SCHEMAS if _is_of(each, key)), None)
    policy: Object[Any] | None = None
    if schema is not None:
        policy = manifests.get(schema, group=key.group, namespace=key.namespace, name=key.name)
    if policy is None:
        raise KeyError(key)
    known = lookups(manifests) if named is None else named
    match policy.body:
        case BackendTLSPolicy():
            return _backend_tls(manifests, policy, ancestors_of_service, controllers or {}, known, found)
        case AlbBackendTLSPolicy():
            return _for_all(policy, tables.ALB_BACKEND_TLS, _alb_tls_problems(manifests, policy, known, found))
        case HealthCheckPolicy():
            return _for_all(policy, tables.HEALTH_CHECK, _health_problems(manifests, policy, known, found))
        case BackendLoadBalancingPolicy():
            return _load_balancing(manifests, policy, known, found)
        case RoutePolicy():
            return _route(manifests, policy, known, found)
        case FrontendTLSPolicy():
            return _for_all(policy, tables.FRONTEND_TLS, _frontend_problems(manifests, policy, known, found))
        case ApplicationLoadBalancer():
            return load_balancer_status(policy)
    raise KeyError(key)


def _is_of(schema: Any, key: ObjectKey) -> bool:
    kind: str = schema.kind_name()
    standard = schema is BackendTLSPolicy
    return key.kind == kind and standard == (key.group == "gateway.networking.k8s.io")


def _kept(policy: Object[Any], reason: str) -> tuple[Problem, ...]:
    """That the newest version is malformed and an older one goes on."""
    if policy.state is not State.KEPT:
        return ()
    return (Problem("Accepted", reason, f"generation {policy.generation} goes on"),)


def _for_all(policy: Object[Any], table: Table, problems: Sequence[Problem]) -> JsonObject:
    """Conditions that are the policy's own."""
    invalid = f"Invalid{policy.key.kind}"
    problems = (*_kept(policy, invalid), *problems)
    return {"conditions": conditions_of(table, problems, invalid=invalid, generation=policy.newest_generation)}


# -- policies of Services ---------------------------------------------------------------------------------------------


def _service(manifests: Manifests, wanted: Wanted) -> Object[Service] | None:
    if (wanted.group, wanted.kind) != ("", "Service"):
        return None
    return manifests.get(Service, group="", namespace=wanted.service.namespace, name=wanted.service.name)


def _taken(
    manifests: Manifests, policy: Object[Any], wanted: Wanted, keys: Sequence[ObjectKey], found: Found
) -> tuple[Problem, ...]:
    service = _service(manifests, wanted)
    problem = conflict(manifests, policy, wanted, keys, service, found) if service is not None else None
    return (problem,) if problem is not None else ()


def _alb_tls_problems(
    manifests: Manifests, policy: Object[AlbBackendTLSPolicy], named: Lookups, found: Found
) -> tuple[Problem, ...]:
    (wanted,) = wanted_by(policy)
    own = judge_alb_backend_tls(manifests, policy, found).problems
    if problem := target_problem(manifests, policy, wanted, missing="ServiceNotFound", found=found):
        return (*own, problem)
    # The Gateway API's kind has a port before this one.
    return (*own, *_taken(manifests, policy, wanted, tls_policies(named.services(wanted.service)), found))


def _health_problems(
    manifests: Manifests, policy: Object[HealthCheckPolicy], named: Lookups, found: Found
) -> tuple[Problem, ...]:
    (wanted,) = wanted_by(policy)
    policies = named.services(wanted.service)
    own = judge_health_check(policy, policies, found)
    if problem := target_problem(manifests, policy, wanted, missing="InvalidService", found=found):
        return (problem, *own)
    if own:
        return own
    return _taken(manifests, policy, wanted, sound_health_checks(manifests, policies), found)


def _load_balancing(
    manifests: Manifests, policy: Object[BackendLoadBalancingPolicy], named: Lookups, found: Found
) -> JsonObject:
    remark_on_balancing(policy, found)
    invalid = f"Invalid{policy.key.kind}"
    targets = []
    for wanted in wanted_by(policy):
        problem = target_problem(manifests, policy, wanted, missing="InvalidService", found=found)
        problems: tuple[Problem, ...] = (problem,) if problem is not None else ()
        if problem is None:
            keys = named.services(wanted.service).balancing
            problems = _taken(manifests, policy, wanted, keys, found)
        conditions = conditions_of(
            tables.BACKEND_LOAD_BALANCING,
            (*_kept(policy, invalid), *problems),
            invalid=invalid,
            generation=policy.newest_generation,
        )
        targets.append({"targetRef": _reference(wanted), "conditions": conditions})
    return {"targets": targets}


def _reference(wanted: Wanted) -> JsonObject:
    return {
        "group": wanted.group,
        "kind": wanted.kind,
        "namespace": wanted.service.namespace,
        "name": wanted.service.name,
        **({"sectionNames": list(wanted.sections)} if wanted.sections else {}),
    }


def _backend_tls(
    manifests: Manifests,
    policy: Object[BackendTLSPolicy],
    ancestors_of_service: Ancestors,
    controllers: Mapping[ObjectKey, str],
    named: Lookups,
    found: Found,
) -> JsonObject:
    own = judge_backend_tls(manifests, policy, found).problems
    by_gateway: dict[ObjectKey, list[Problem]] = {}
    for wanted in wanted_by(policy):
        problem = target_problem(manifests, policy, wanted, missing="TargetNotFound", found=found)
        problems: tuple[Problem, ...] = ()
        if problem is not None:
            reason = "TargetNotFound" if problem.reason == "TargetNotFound" else "Invalid"
            problems = (Problem("Accepted", reason, problem.message),)
        else:
            problems = _taken(manifests, policy, wanted, named.services(wanted.service).tls, found)
        reached: frozenset[ObjectKey] = frozenset()
        if (wanted.group, wanted.kind) == ("", "Service"):
            reached = ancestors_of_service.get(wanted.service, reached)
        for gateway in sorted(reached):
            by_gateway.setdefault(gateway, []).extend(problems)
        if not reached and (problems or own):
            # No Gateway leads to it: the target itself is the only ancestor that there is to speak of.
            service = ObjectKey(wanted.group, wanted.kind, wanted.service.namespace, wanted.service.name)
            by_gateway.setdefault(service, []).extend(problems)
    ancestors = [
        {
            "ancestorRef": {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name},
            "controllerName": controllers.get(key, TIDEGATE),
            "conditions": conditions_of(
                tables.BACKEND_TLS,
                (*_kept(policy, "Invalid"), *problems, *own),
                invalid="Invalid",
                generation=policy.newest_generation,
            ),
        }
        for key, problems in by_gateway.items()
    ]
    return {"ancestors": ancestors[:MAX_ANCESTORS]}


# -- policies of routes and Gateways ----------------------------------------------------------------------------------


def _route(manifests: Manifests, policy: Object[RoutePolicy], named: Lookups, found: Found) -> JsonObject:
    invalid = f"Invalid{policy.key.kind}"
    problems = (*_kept(policy, invalid), *judge_route_policy(manifests, policy, found, named.services))
    accepted = "Accepted"
    if not problems:
        target = target_of(policy)
        first = followed(manifests, named.routes(target), Found(), named.services)
        if first is not None and first.key != policy.key:
            problems = (_second(policy, target, first.key, found),)
        remark_on_cookie(policy, found)
        if not problems and own_timeouts(manifests, policy, found):
            accepted = "AcceptedWithTimeoutConflict"
    return {
        "conditions": conditions_of(
            tables.ROUTE_POLICY,
            problems,
            invalid=invalid,
            generation=policy.newest_generation,
            accepted=accepted,
        )
    }


def _second(policy: Object[Any], target: object, other: ObjectKey, found: Found) -> Problem:
    finding = found.add(
        codes.TARGET_TAKEN,
        at=policy.at("spec", "targetRef"),
        policy=policy.key,
        target=target,
        other=other,
        notes=["the older policy has it; without timestamps, the first by namespace and name"],
    )
    return Problem("Accepted", "Conflicted", finding.message)


def _frontend_problems(
    manifests: Manifests, policy: Object[FrontendTLSPolicy], named: Lookups, found: Found
) -> tuple[Problem, ...]:
    own = judge_frontend_tls(manifests, policy, found)[1]
    if problem := gateway_problem(manifests, policy, found):
        return (*own, problem)
    target = gateway_of(policy)
    sections = policy.body.spec.target_ref.section_names
    for key in named.gateways(ObjectName(target.namespace, target.name)).named:
        if key == policy.key:
            break
        other = manifests.get(FrontendTLSPolicy, group=key.group, namespace=key.namespace, name=key.name)
        theirs = other.body.spec.target_ref.section_names if other is not None else ()
        if bool(theirs) == bool(sections) and (not sections or set(sections) & set(theirs)):
            shown = f"listener `{min(set(sections) & set(theirs))}` of {target}" if sections else target
            return (*own, _second(policy, shown, key, found))
    return own
