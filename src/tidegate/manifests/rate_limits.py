"""RateLimitPolicies and what they cover: a Gateway, one of its listeners, a route, or one of its named rules.

Policies add up: every limit over a route holds, whoever wrote it, so no policy takes another's target away. One policy
has one set of counters for all that it covers. A policy that cannot be read, and one whose target is misspelt, closes
what it was to limit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.classes import TIDEGATE
from tidegate.manifests.conditions import POLICY, JsonObject, condition
from tidegate.manifests.objects import Manifests, Object, State
from tidegate.manifests.plan import Level, PolicySource, Scope, ScopeId
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, GRPCRoute, HTTPRoute
from tidegate.manifests.schema.tidegate import RateLimit as LimitText
from tidegate.manifests.schema.tidegate import RateLimitPolicy, RateLimitTarget
from tidegate.model import LimitKey, ObjectKey, RateLimit

Target: TypeAlias = tuple[ObjectKey, str | None]
"""A Gateway or a route, and a listener or a rule of it; None: all of it."""

_SCHEMAS: Final[Mapping[str, type[Gateway | HTTPRoute | GRPCRoute]]] = {
    "Gateway": Gateway,
    "HTTPRoute": HTTPRoute,
    "GRPCRoute": GRPCRoute,
}

_BY: Final = {
    "Everyone": LimitKey.EVERYONE,
    "ClientAddress": LimitKey.CLIENT_ADDRESS,
    "Header": LimitKey.HEADER,
    "Claim": LimitKey.CLAIM,
}


@dataclass(frozen=True, slots=True)
class Limited:
    """What the policies of one namespace cover."""

    policies: Mapping[Target, tuple[ScopeId, ...]] = field(default_factory=dict)
    """The oldest first."""
    closed: Mapping[Target, str] = field(default_factory=dict)
    """Covered, or meant, by a policy that is not accepted: why it answers 503."""
    all_closed: str = ""
    """A policy of which not even the targets can be read: why all of the namespace answers 503."""


NOTHING: Final = Limited()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a limit may hold: one rule of a route at one listener."""

    gateway: ObjectKey
    listener: str
    route: ObjectKey
    rule: str | None
    """None: a rule without a name."""


def limited_in(manifests: Manifests, namespace: str) -> Limited:
    """What the policies of a namespace cover; their targets are in it too."""
    policies: dict[Target, list[ScopeId]] = {}
    closed: dict[Target, str] = {}
    unmet: list[tuple[Object[RateLimitPolicy], RateLimitTarget]] = []
    known = _Known(manifests, namespace)
    for policy in sorted(manifests.in_namespace(RateLimitPolicy, namespace), key=lambda each: each.age_key):
        for reference in policy.body.spec.target_refs:
            target = (target_of(policy, reference), reference.section_name)
            if not known.has(target):
                unmet.append((policy, reference))
            elif not policy.serves:
                closed.setdefault(target, f"{policy.key} is malformed")
            else:
                policies.setdefault(target, []).append(str(policy.key))
    for policy, reference in unmet:
        for target in _meant(manifests, policy, reference):
            # What has a limit of its own is covered.
            if target[1] is not None or target not in policies:
                closed.setdefault((target[0], None), f"{policy.key} probably means it, and names something else")
    why = f"a RateLimitPolicy of namespace {namespace} is malformed"
    return Limited(
        {target: tuple(ids) for target, ids in policies.items()},
        closed,
        why if manifests.refused_in("RateLimitPolicy", namespace) else "",
    )


@dataclass
class _Known:
    """What is there to be named. By keys alone, but for what names a section: a change of a route that no policy
    names a rule of changes nothing of what covers it."""

    manifests: Manifests
    namespace: str
    _keys: dict[str, frozenset[ObjectKey]] = field(default_factory=dict)

    def has(self, target: Target) -> bool:
        key, section = target
        if key.kind not in self._keys:
            self._keys[key.kind] = frozenset(self.manifests.keys(_SCHEMAS[key.kind]))
        if key not in self._keys[key.kind]:
            return self.manifests.is_refused(key)
        return section is None or section in (_sections(self.manifests, key) or ())


def limits_over(of_gateway: Limited, of_route: Limited, place: Place) -> tuple[Scope, ...]:
    """The policies over one rule. `of_gateway` and `of_route` are `limited_in` of the namespaces of its Gateway and its
    route."""
    ids = [
        *of_gateway.policies.get((place.gateway, None), ()),
        *of_gateway.policies.get((place.gateway, place.listener), ()),
        *of_route.policies.get((place.route, None), ()),
        *(of_route.policies.get((place.route, place.rule), ()) if place.rule is not None else ()),
    ]
    # A policy that covers a rule twice, by its Gateway and by itself, counts its calls once.
    return tuple(Scope(Level.LIMITS, each) for each in dict.fromkeys(ids))


def why_unlimited(of_gateway: Limited, of_route: Limited, place: Place) -> str:
    """Why a rule must not be served, since a limit over it cannot be kept; "" when it may."""
    reasons = [
        of_gateway.closed.get((place.gateway, None), ""),
        of_gateway.closed.get((place.gateway, place.listener), ""),
        of_route.closed.get((place.route, None), ""),
        of_route.closed.get((place.route, place.rule), "") if place.rule is not None else "",
        of_gateway.all_closed,
        of_route.all_closed,
    ]
    return next((each for each in reasons if each), "")


def limit_source(policy: Object[RateLimitPolicy]) -> PolicySource:
    """The policy as one scope over what it covers."""
    place = policy.at("spec", "limits")
    if not policy.serves:
        return PolicySource(None, policy.key, place)
    seen: dict[str, int] = {}
    limits = []
    for index, text in enumerate(policy.body.spec.limits):
        counter = _counter(policy, text)
        # Two limits by the same key and over the same time would count each call twice in one counter.
        seen[counter] = seen.get(counter, 0) + 1
        limits.append(_limit(policy, index, text, f"{counter}#{seen[counter]}"))
    return PolicySource(None, policy.key, place, tuple(limits))


def _limit(policy: Object[RateLimitPolicy], index: int, text: LimitText, counter: str) -> RateLimit:
    by = _BY[text.key.type]
    name = text.key.name or ""
    return RateLimit(
        counter=counter,
        calls=text.calls,
        period_s=text.period,
        by=by,
        span=policy.at("spec", "limits", index),
        name=name.lower() if by is LimitKey.HEADER else name,
    )


def _counter(policy: Object[RateLimitPolicy], text: LimitText) -> str:
    """Whose counters a limit has. Neither its place in the list nor `calls` is part of it: who raises a limit goes on
    counting. Names are quoted, so that nothing in one can look like another's."""
    name = text.key.name or ""
    quoted = json.dumps(name.lower() if text.key.type == "Header" else name)
    return f"{policy.name} {text.key.type} {quoted} {text.period:g}"


def limit_status(manifests: Manifests, policy: Object[RateLimitPolicy], found: Found) -> JsonObject:
    """`.status` of one policy, with its findings."""
    return {
        "ancestors": [
            _ancestor(manifests, policy, index, reference, found)
            for index, reference in enumerate(policy.body.spec.target_refs)
        ]
    }


def _ancestor(
    manifests: Manifests, policy: Object[RateLimitPolicy], index: int, reference: RateLimitTarget, found: Found
) -> JsonObject:
    key = target_of(policy, reference)
    known = _missing(manifests, policy, reference)
    reason, message = "Accepted", ""
    if known is not None:
        section = _section_word(reference)
        meant = [each for each, _ in _meant(manifests, policy, reference)]
        finding = found.add(
            codes.TARGET_NOT_FOUND,
            at=policy.at("spec", "targetRefs", index),
            policy=policy.key,
            target=f"{section} `{reference.section_name}` of {key}" if reference.section_name else key,
            help=did_you_mean(reference.section_name or reference.name, known),
            notes=[f"{each} answers 503 until this is right" for each in meant],
        )
        reason, message = "TargetNotFound", finding.message
    elif policy.state is State.SALVAGED:
        reason, message = "Invalid", "what it covers answers 503 until it is right"
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


def _section_word(reference: RateLimitTarget) -> str:
    return "listener" if reference.kind == "Gateway" else "rule"


def target_of(policy: Object[RateLimitPolicy], reference: RateLimitTarget) -> ObjectKey:
    """What a reference names."""
    return ObjectKey(reference.group, reference.kind, policy.key.namespace, reference.name)


def _sections(manifests: Manifests, key: ObjectKey) -> list[str] | None:
    """The names of the parts of a Gateway or a route; None where there is no such object."""
    if key.kind == "Gateway":
        gateway = manifests.get(Gateway, group=GROUP, namespace=key.namespace, name=key.name)
        return None if gateway is None else [listener.name for listener in gateway.body.spec.listeners]
    if key.kind == "GRPCRoute":
        calls = manifests.get(GRPCRoute, group=GROUP, namespace=key.namespace, name=key.name)
        return None if calls is None else [rule.name for rule in calls.body.spec.rules if rule.name]
    route = manifests.get(HTTPRoute, group=GROUP, namespace=key.namespace, name=key.name)
    return None if route is None else [rule.name for rule in route.body.spec.rules if rule.name]


def _names(manifests: Manifests, kind: str, namespace: str) -> list[str]:
    if kind == "Gateway":
        return [each.key.name for each in manifests.in_namespace(Gateway, namespace)]
    if kind == "GRPCRoute":
        return [each.key.name for each in manifests.in_namespace(GRPCRoute, namespace)]
    return [each.key.name for each in manifests.in_namespace(HTTPRoute, namespace)]


def _missing(manifests: Manifests, policy: Object[RateLimitPolicy], reference: RateLimitTarget) -> list[str] | None:
    """None when the target is there; else the names that are, for a suggestion."""
    key = target_of(policy, reference)
    if manifests.is_refused(key):
        return None
    sections = _sections(manifests, key)
    if sections is None:
        return _names(manifests, key.kind, key.namespace)
    return None if reference.section_name is None or reference.section_name in sections else sections


def _meant(manifests: Manifests, policy: Object[RateLimitPolicy], reference: RateLimitTarget) -> list[Target]:
    """What a target that does not exist stands for: all of an object without such a part, or one of nearly its name."""
    key = target_of(policy, reference)
    if _sections(manifests, key) is not None:
        return [(key, reference.section_name)]
    near = nearest(key.name, _names(manifests, key.kind, key.namespace))
    return [(ObjectKey(key.group, key.kind, key.namespace, near), None)] if near is not None else []
