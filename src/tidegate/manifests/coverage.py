"""ApimPolicies and their targets: which policy document covers which Gateway, route and rule (GEP-713).

A policy that cannot be honoured closes what it covers (503), and what it probably was to cover.
"""

from __future__ import annotations

import posixpath
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from tidegate.diagnostics import Related, Span
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.asking import Ask
from tidegate.manifests.classes import TIDEGATE
from tidegate.manifests.conditions import POLICY, JsonObject, condition
from tidegate.manifests.listeners import ListenerId, gateway_key
from tidegate.manifests.objects import Object, State, text_of
from tidegate.manifests.plan import Level, PolicySource, Scope, ScopeId
from tidegate.manifests.rate_limits import NOTHING, Limited, Place, limited_in, limits_over, why_unlimited
from tidegate.manifests.route_kinds import ROUTES, find_route
from tidegate.manifests.schema import gateway_api
from tidegate.manifests.schema.tidegate import GROUP as TIDEGATE_GROUP
from tidegate.manifests.schema.tidegate import ApimPolicy, PolicyTargetReference
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, Scalar, Source
from tidegate.sources.embedded import embedded

Target: TypeAlias = tuple[ObjectKey, str | None]
"""A Gateway, a route, or one named rule of it."""

PROTECTING: Final = ("ApimPolicy", "RateLimitPolicy", "BackendTLSPolicy", "FrontendTLSPolicy")
"""Kinds whose absence would leave something open."""

_PARTS: Final = 64
"""The table of targets is compared in parts, so that a new policy concerns a few routes and not all."""


@dataclass(frozen=True)
class Coverage:
    """Which policies cover what."""

    scopes: dict[Target, ScopeId] = field(default_factory=dict)
    winners: dict[Target, ObjectKey] = field(default_factory=dict)
    closed: frozenset[Target] = frozenset()
    """Covered by a policy that is not accepted and has no last good version."""
    meant: dict[tuple[ObjectKey, int], tuple[ObjectKey, ...]] = field(default_factory=dict)
    """By policy and index of a target that does not exist: the Gateway or route that it probably means."""


@dataclass(frozen=True)
class Cover:
    """What covers one target itself."""

    scope: ScopeId | None = None
    closed: bool = False


_UNCOVERED: Final = Cover()


def invalidated(status: JsonObject, message: str) -> JsonObject:
    """The status of a policy whose document is not accepted."""
    ancestors = []
    for ancestor in status["ancestors"]:
        conditions = [
            {**c, "status": "False", "reason": "Invalid", "message": message} if c["status"] == "True" else c
            for c in ancestor["conditions"]
        ]
        ancestors.append({**ancestor, "conditions": conditions})
    return {"ancestors": ancestors}


def coverage(ask: Ask) -> Coverage:
    """Join every ApimPolicy with its targets; of two that want one target, the older has it."""
    winners: dict[Target, ObjectKey] = {}
    closed: set[Target] = set()
    unmet: list[tuple[ObjectKey, int, PolicyTargetReference]] = []
    for policy in sorted(ask.manifests.of(ApimPolicy), key=lambda p: p.age_key):
        for index, reference in enumerate(policy.body.spec.target_refs):
            target = _target(policy.key, reference)
            if not _exists(ask, target):
                unmet.append((policy.key, index, reference))
            elif policy.state is State.SALVAGED:
                closed.add(target)
            else:
                winners.setdefault(target, policy.key)
    # Last, when it is known what has a policy of its own: a misspelt target must not leave open what it was to cover.
    meant: dict[tuple[ObjectKey, int], tuple[ObjectKey, ...]] = {}
    for key, index, reference in unmet:
        meant[key, index] = tuple(_probably_meant(ask, key, reference, winners))
        closed |= {(each, None) for each in meant[key, index]}
    return Coverage({t: str(p) for t, p in winners.items()}, winners, frozenset(closed), meant)


def _parts(ask: Ask) -> tuple[dict[Target, Cover], ...]:
    whole = ask.call(coverage)
    parts: tuple[dict[Target, Cover], ...] = tuple({} for _ in range(_PARTS))
    for target in (*whole.scopes, *whole.closed):
        parts[_part_of(target)][target] = Cover(whole.scopes.get(target), target in whole.closed)
    return parts


def _part(ask: Ask, number: int) -> dict[Target, Cover]:
    return ask.call(_parts)[number]


def _part_of(target: Hashable) -> int:
    return hash(target) % _PARTS


def cover_of(ask: Ask, target: Target) -> Cover:
    """What covers one target itself. No query of its own: there are as many targets as routes."""
    return ask.call(_part, _part_of(target)).get(target, _UNCOVERED)


def everything_closed(ask: Ask) -> bool:
    """Whether a file that may hold policies cannot be read: which routes they cover cannot be told, and to serve one
    without its policy would be worse than not at all."""
    closed = False
    for path in ask.unread:
        source = ask.files.get(path)
        if source is not None and any(kind in source.text for kind in PROTECTING):
            ask.found.add(codes.POLICY_UNREADABLE, at=Span(path, 1, 1, 1, 1), file=path)
            closed = True
    return closed


def namespace_closed(ask: Ask, namespace: str) -> bool:
    """Whether a namespace holds a policy of which not even the targets can be read: any route in it may be meant."""
    return ask.manifests.refused_in("ApimPolicy", namespace) or namespace in ask.mistaken_policies


def covers_of(
    ask: Ask, listener: ListenerId, name: str, route: ObjectKey, rule: str | None
) -> tuple[tuple[Scope, ...], bool]:
    """The policies over one rule at a listener of this name: widest first, rate limits behind them; and whether the
    rule must not be served."""
    gateway = gateway_key(listener.gateway)
    targets: list[tuple[Level, Target]] = [(Level.GLOBAL, (gateway, None)), (Level.API, (route, None))]
    if rule:
        targets.append((Level.OPERATION, (route, rule)))
    covers = [(level, cover_of(ask, target)) for level, target in targets]
    # A policy names listeners of its Gateway, not those of a ListenerSet, which may have the same names.
    own = name if listener.owner == gateway else ""
    limits: tuple[Scope, ...] = ()
    unlimited = False
    if ask.call(has_limits, gateway.namespace) or ask.call(has_limits, route.namespace):
        limits, unlimited = ask.call(limits_of, gateway, own, route, rule)
    closed = unlimited or any(cover.closed for _, cover in covers)
    closed = closed or ask.call(everything_closed) or ask.call(namespace_closed, route.namespace)
    scopes = (Scope(level, cover.scope) for level, cover in covers if cover.scope is not None)
    return (*scopes, *limits), closed


def limits_of(
    ask: Ask, gateway: ObjectKey, listener: str, route: ObjectKey, rule: str | None
) -> tuple[tuple[Scope, ...], bool]:
    """The rate limits over one rule, and whether one that cannot be kept closes it."""
    place = Place(gateway, listener, route, rule)
    of_gateway, of_route = ask.call(limited, gateway.namespace), ask.call(limited, route.namespace)
    return limits_over(of_gateway, of_route, place), bool(why_unlimited(of_gateway, of_route, place))


def has_limits(ask: Ask, namespace: str) -> bool:
    """Whether a namespace has a RateLimitPolicy, however broken."""
    return ask.call(limited, namespace) != NOTHING


def limited(ask: Ask, namespace: str) -> Limited:
    """What the RateLimitPolicies of a namespace cover."""
    return limited_in(ask.manifests, namespace)


def policy_status(ask: Ask, key: ObjectKey) -> JsonObject:
    """`.status` of one ApimPolicy."""
    policy = _policy(ask, key)
    references = policy.body.spec.target_refs if policy is not None else ()
    return {"ancestors": [_ancestor(ask, policy, index) for index in range(len(references)) if policy is not None]}


def _ancestor(ask: Ask, policy: Object[ApimPolicy], index: int) -> JsonObject:
    reference = policy.body.spec.target_refs[index]
    target = _target(policy.key, reference)
    place = policy.at("spec", "targetRefs", index)
    shown = f"rule `{reference.section_name}` of {target[0]}" if reference.section_name else target[0]
    winner = ask.call(coverage).winners.get(target)
    reason, message = "Accepted", ""
    if not _exists(ask, target):
        reason, message = "TargetNotFound", f"{shown} does not exist"
        known = _known(ask, target)
        meant = ask.call(coverage).meant.get((policy.key, index), ())
        ask.found.add(
            codes.POLICY_TARGET_NOT_FOUND,
            at=place,
            policy=policy.key,
            target=shown,
            help=did_you_mean(reference.section_name or reference.name, known),
            notes=[f"{each} answers 503 until this is right" for each in meant],
        )
    elif policy.state is State.SALVAGED:
        reason, message = "Invalid", "what it covers answers 503 until it is right"
    elif winner is not None and (winner != policy.key or _earlier(policy, index, target)):
        reason, message = "Conflicted", f"{winner} already has {shown}"
        _report_conflict(ask, policy, index, winner)
    elif policy.state is State.KEPT:
        reason, message = "Invalid", f"generation {policy.generation} goes on"
    return {
        "ancestorRef": {
            "group": reference.group,
            "kind": reference.kind,
            "name": reference.name,
            "namespace": policy.key.namespace,
            **({"sectionName": reference.section_name} if reference.section_name else {}),
        },
        "controllerName": TIDEGATE,
        "conditions": [
            condition(
                POLICY,
                type="Accepted",
                status=reason == "Accepted",
                reason=reason,
                generation=policy.newest_generation,
                message=message,
            )
        ],
    }


def _earlier(policy: Object[ApimPolicy], index: int, target: Target) -> bool:
    """Whether the policy itself names the target before."""
    return any(_target(policy.key, each) == target for each in policy.body.spec.target_refs[:index])


def _report_conflict(ask: Ask, policy: Object[ApimPolicy], index: int, winner: ObjectKey) -> None:
    reference = policy.body.spec.target_refs[index]
    target, section = _target(policy.key, reference)
    other = _policy(ask, winner)
    related = []
    if other is not None:
        document = other.body.spec.policy
        place = other.at("spec", "policy", "inline" if document.file is None else "file")
        related = [Related(place, "attached here")]
    ask.found.add(
        codes.POLICY_CONFLICT,
        at=policy.at("spec", "targetRefs", index),
        policy=policy.key,
        target=f"{target} rule {section}" if section else target,
        other=winner,
        notes=["the older policy has it; without timestamps, the first by namespace and name"],
        related=related,
    )


def _policy(ask: Ask, key: ObjectKey) -> Object[ApimPolicy] | None:
    return ask.manifests.get(ApimPolicy, group=TIDEGATE_GROUP, namespace=key.namespace, name=key.name)


def _target(policy: ObjectKey, reference: PolicyTargetReference) -> Target:
    key = ObjectKey(reference.group, reference.kind, policy.namespace, reference.name)
    return key, reference.section_name


def rule_names(ask: Ask, key: ObjectKey) -> tuple[str, ...] | None:
    """The names of a route's rules; None where there is no such route. All that a policy wants to know of a route."""
    route = find_route(ask.manifests, key) if key.kind in ROUTES else None
    return tuple(rule.name for rule in route.body.spec.rules if rule.name) if route is not None else None


def gateway_exists(ask: Ask, key: ObjectKey) -> bool:
    """All that a policy wants to know of a Gateway."""
    gateway = ask.manifests.get(gateway_api.Gateway, group=key.group, namespace=key.namespace, name=key.name)
    return gateway is not None


def _exists(ask: Ask, target: Target) -> bool:
    """Whether a target is there; malformed is not missing."""
    key, section = target
    if ask.manifests.is_refused(key):
        return True
    if key.kind == "Gateway":
        return ask.call(gateway_exists, key)
    names = ask.call(rule_names, key)
    return names is not None and (section is None or section in names)


def _known(ask: Ask, target: Target) -> list[str]:
    """What a target could have been meant to be: rules of the route, or objects of the kind in the namespace."""
    key, _ = target
    names = ask.call(rule_names, key) if key.kind in ROUTES else None
    if names is not None:
        return list(names)
    schema = ROUTES.get(key.kind, gateway_api.Gateway)
    return [each.key.name for each in ask.manifests.in_namespace(schema, key.namespace)]


def _probably_meant(
    ask: Ask, policy: ObjectKey, reference: PolicyTargetReference, winners: dict[Target, ObjectKey]
) -> Iterator[ObjectKey]:
    """What a target that does not exist stands for: the whole route of an unknown rule, or the route or Gateway of
    nearly the same name, unless that has a policy of its own."""
    key, section = _target(policy, reference)
    if key.kind in ROUTES and ask.call(rule_names, key) is not None:
        yield key
        return
    meant = nearest(reference.name, _known(ask, (key, section)))
    near = key._replace(name=meant or "")
    if meant and (near, None) not in winners:
        yield near


def policy_source(ask: Ask, key: ObjectKey) -> PolicySource | None:
    """Where the document of one ApimPolicy is; None for one that may not serve."""
    policy = _policy(ask, key)
    if policy is None or not policy.serves:
        return None
    document = policy.body.spec.policy
    place = policy.at("spec", "policy", "inline" if document.file is None else "file")
    if document.file is None:
        return PolicySource(_inline(ask, policy), policy.key, place)
    folder = PurePosixPath(policy.file).parent
    path = posixpath.normpath((folder / document.file).as_posix())
    source = ask.files.get(path)
    if source is None:
        known = [p for p in ask.files if p.endswith(".xml")]
        ask.found.add(
            codes.POLICY_FILE_NOT_FOUND,
            at=place,
            policy=policy.key,
            file=document.file,
            label=f"read as {path}",
            help=did_you_mean(path, known),
            notes=["what it covers answers 503"],
        )
    return PolicySource(source, policy.key, place)


def _inline(ask: Ask, policy: Object[ApimPolicy]) -> Source:
    node: object = policy.node
    for step in ("spec", "policy", "inline"):
        node = node.get(step) if isinstance(node, Mapping) else None
    file = ask.files.get(policy.file)
    if isinstance(node, Scalar) and policy.state is State.ACCEPTED and file is not None:
        return embedded(file, node)
    # An older version's text is no longer in the file: every place is the scalar's.
    text = text_of(node) if isinstance(node, Scalar) else None
    return Source(policy.file, text or "", within=policy.at("spec", "policy", "inline"))
