"""RoutePolicy: a route's timeout, and cookies by which its sessions stick to an endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import alb as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.alb.affinity import KINDS, AnyRoute, policies_of_routes, route_of, services_of, target_of
from tidegate.manifests.alb.conditions import Problem
from tidegate.manifests.alb.holders import holder
from tidegate.manifests.alb.judging import override, sections
from tidegate.manifests.alb.load_balancing import not_affine
from tidegate.manifests.alb.settings import RouteSettings
from tidegate.manifests.alb.targets import PolicyLookup, lookup_policies
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy, RoutePolicy, SessionAffinity
from tidegate.manifests.schema.core import Service
from tidegate.manifests.schema.gateway_api import GROUP, GRPCRoute, HTTPRoute
from tidegate.model import CookieHash, ObjectKey, ObjectName, Timeouts

MANAGED_COOKIE: Final = "AGCAffinity"
MANAGED_LIFETIME_S: Final = 86_400.0

_INVALID_ROUTE: Final = {"HTTPRoute": "InvalidHTTPRoute", "GRPCRoute": "InvalidGRPCRoute"}


def route_settings(
    manifests: Manifests,
    route: ObjectKey,
    found: Found,
    *,
    policies: Sequence[ObjectKey] | None = None,
    of_service: PolicyLookup | None = None,
) -> RouteSettings:
    """What the oldest of the route's policies says that has nothing wrong with it; nothing of another has an effect.

    `policies` are `policies_of_routes(manifests, route.namespace)[route]`.
    """
    keys = policies_of_routes(manifests, route.namespace).get(route, ()) if policies is None else policies
    policy = followed(manifests, keys, found, of_service or lookup_policies(manifests))
    config = policy.body.spec.default if policy is not None else None
    timeouts = config.timeouts if config else None
    affinity = config.session_affinity if config else None
    return RouteSettings(
        Timeouts(timeouts.route_timeout) if timeouts and timeouts.route_timeout is not None else None,
        _cookie(affinity) if affinity else None,
    )


def followed(
    manifests: Manifests, keys: Sequence[ObjectKey], found: Found, of_service: PolicyLookup
) -> Object[RoutePolicy] | None:
    """The policy that a route follows."""
    sound = (each for each in _all(manifests, keys) if not judge_route_policy(manifests, each, found, of_service))
    return next(sound, None)


def _all(manifests: Manifests, keys: Sequence[ObjectKey]) -> Iterator[Object[RoutePolicy]]:
    for key in keys:
        policy = manifests.get(RoutePolicy, group=key.group, namespace=key.namespace, name=key.name)
        if policy is not None:
            yield policy


def _cookie(affinity: SessionAffinity) -> CookieHash:
    if affinity.affinity_type == "managed-cookie":
        return CookieHash(MANAGED_COOKIE, MANAGED_LIFETIME_S, managed=True)
    # With a duration the gateway offers the cookie; without, the application must.
    lifetime = affinity.cookie_duration
    return CookieHash(affinity.cookie_name or "", lifetime, managed=lifetime is not None)


def judge_route_policy(
    manifests: Manifests, policy: Object[RoutePolicy], found: Found, of_service: PolicyLookup
) -> tuple[Problem, ...]:
    """What keeps a policy from being accepted, but for another that has its target."""
    spec = policy.body.spec
    if spec.override is not None:
        return (override(policy, found),)
    target = target_of(policy)
    if problem := _target_problem(manifests, policy, target, found):
        return (problem,)
    if spec.target_ref.section_names:
        return (sections(policy, target, found),)
    route = route_of(manifests, target)
    if route is not None and spec.default is not None and spec.default.session_affinity is not None:
        return tuple(_unaffine(manifests, policy, route, found, of_service))
    return ()


def _target_problem(
    manifests: Manifests, policy: Object[RoutePolicy], target: ObjectKey, found: Found
) -> Problem | None:
    reference = policy.body.spec.target_ref
    if target.kind not in KINDS or target.group != GROUP:
        wrong_kind = target.kind not in KINDS
        finding = found.add(
            codes.TARGET_KIND,
            at=policy.at("spec", "targetRef", "kind" if wrong_kind else "group"),
            policy=policy.key,
            kind=f"{target.kind} of group `{target.group}`" if target.group else target.kind,
            expected=f"an HTTPRoute or a GRPCRoute of group {GROUP}",
        )
        return Problem("ResolvedRefs", "InvalidKind" if wrong_kind else "InvalidGroup", finding.message)
    if reference.group == "":
        found.add(
            codes.TARGET_GROUP,
            at=policy.at("spec", "targetRef", "group"),
            policy=policy.key,
            kind=target.kind,
            group=GROUP,
            help=f"write `group: {GROUP}`",
        )
    if not permitted(manifests, referrer=policy.key, target=target):
        if malformed_grant(manifests, target.namespace):
            message = f"the ReferenceGrants of namespace {target.namespace} are malformed"
            return Problem("ResolvedRefs", "RefNotPermitted", message)
        finding = found.add(
            codes.TARGET_NOT_PERMITTED,
            at=policy.at("spec", "targetRef", "namespace"),
            policy=policy.key,
            target=target,
            help=f"add to namespace `{target.namespace}`: {grant_to_add(referrer=policy.key, target=target)}",
        )
        return Problem("ResolvedRefs", "RefNotPermitted", finding.message)
    route = route_of(manifests, target)
    if route is None and manifests.is_refused(target):
        return Problem("ResolvedRefs", _INVALID_ROUTE[target.kind], f"{target} is malformed")
    if route is None:
        schema = HTTPRoute if target.kind == "HTTPRoute" else GRPCRoute
        known = [each.key.name for each in manifests.in_namespace(schema, target.namespace)]
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at("spec", "targetRef", "name"),
            policy=policy.key,
            target=target,
            help=did_you_mean(target.name, known),
        )
        return Problem("ResolvedRefs", _INVALID_ROUTE[target.kind], finding.message)
    return None


def _unaffine(
    manifests: Manifests, policy: Object[RoutePolicy], route: AnyRoute, found: Found, of_service: PolicyLookup
) -> Iterator[Problem]:
    """Services of the route that a policy balances so that no session can stick."""
    for name, number in services_of(route):
        other = _balanced_by(manifests, name, number, of_service)
        config = other.body.spec.load_balancing if other is not None else None
        if other is None or config is None or not (how := not_affine(config)):
            continue
        finding = found.add(
            codes.AFFINITY_STRATEGY,
            at=policy.at("spec", "default", "sessionAffinity"),
            policy=policy.key,
            other=other.key,
            service=name,
            how=how,
            related=[Related(other.at("spec", "loadBalancing"), "balanced here")],
            notes=["the policy is not accepted, and nothing of it has an effect"],
        )
        yield Problem("Accepted", "InvalidRoutePolicy", finding.message)


def _balanced_by(
    manifests: Manifests, name: ObjectName, number: int, of_service: PolicyLookup
) -> Object[BackendLoadBalancingPolicy] | None:
    service = manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    port = next((p for p in service.body.spec.ports if p.port == number), None) if service is not None else None
    if service is None or port is None:
        return None
    return holder(manifests, BackendLoadBalancingPolicy, of_service(name).balancing, service, port)


def remark_on_cookie(policy: Object[RoutePolicy], found: Found) -> None:
    """Say what of a managed cookie is not up to the policy."""
    config = policy.body.spec.default
    affinity = config.session_affinity if config is not None else None
    if affinity is None or affinity.affinity_type != "managed-cookie":
        return
    for field, value in (("cookieName", affinity.cookie_name), ("cookieDuration", affinity.cookie_duration)):
        if value is not None:
            found.add(
                codes.COOKIE_DISCARDED,
                at=policy.key_at("spec", "default", "sessionAffinity", field),
                policy=policy.key,
                field=field,
                help="use an application-cookie for a name and a duration of its own",
            )


def own_timeouts(manifests: Manifests, policy: Object[RoutePolicy], found: Found) -> bool:
    """Whether the route has timeouts of its own where the policy sets one: they count, and that is said."""
    config = policy.body.spec.default
    route = route_of(manifests, target_of(policy))
    if config is None or config.timeouts is None or config.timeouts.route_timeout is None:
        return False
    if route is None or not isinstance(route.body, HTTPRoute):
        return False
    for index, rule in enumerate(route.body.spec.rules):
        if rule.timeouts is not None:
            found.add(
                codes.TIMEOUT_SUPERSEDED,
                at=policy.at("spec", "default", "timeouts"),
                policy=policy.key,
                route=route.key,
                related=[Related(route.key_at("spec", "rules", index, "timeouts"), "this counts for its rule")],
            )
            return True
    return False
