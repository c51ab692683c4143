"""ApimPolicies and their targets: which policy document covers which Gateway, route and rule (GEP-713)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.classes import TIDEGATE
from tidegate.manifests.conditions import POLICY, JsonObject, condition
from tidegate.manifests.gather import Gathered
from tidegate.manifests.objects import Manifests, Object, State, text_of
from tidegate.manifests.plan import Level, PolicySource, Scope, ScopeId
from tidegate.manifests.schema import gateway_api
from tidegate.manifests.schema.tidegate import ApimPolicy, PolicyTargetReference
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, Scalar, Source, SourceSet
from tidegate.sources.embedded import embedded

Target = tuple[ObjectKey, str | None]
"""A Gateway, an HTTPRoute, or one named rule of it."""


@dataclass
class Coverage:
    """Which policies cover what."""

    scopes: dict[Target, ScopeId] = field(default_factory=dict)
    sources: dict[ScopeId, PolicySource] = field(default_factory=dict)
    closed: set[Target] = field(default_factory=set)
    """Covered by a policy that is not accepted and has no last good version."""
    closed_namespaces: set[str] = field(default_factory=set)
    """Hold a policy of which not even the targets can be read: any route in them may be meant."""
    all_closed: bool = False
    """A file that may hold policies cannot be read at all."""
    statuses: dict[ObjectKey, JsonObject] = field(default_factory=dict)

    def is_closed(self, gateway: ObjectKey, route: ObjectKey, rule: str | None) -> bool:
        """Whether something that covers the rule is not accepted."""
        targets: list[Target] = [(gateway, None), (route, None), (route, rule)]
        if self.all_closed or route.namespace in self.closed_namespaces:
            return True
        return any(t in self.closed for t in targets)

    def of(self, gateway: ObjectKey, route: ObjectKey, rule: str | None) -> tuple[Scope, ...]:
        """The policies over one rule, widest first."""
        targets: list[tuple[Level, Target]] = [(Level.GLOBAL, (gateway, None)), (Level.API, (route, None))]
        if rule is not None:
            targets.append((Level.OPERATION, (route, rule)))
        return tuple(Scope(level, self.scopes[t]) for level, t in targets if t in self.scopes)


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


def cover(gathered: Gathered, sources: SourceSet, found: Found) -> Coverage:
    """Join every ApimPolicy with its targets; of two that want one target, the older has it."""
    coverage = Coverage()
    manifests = gathered.manifests
    for path in gathered.unread:
        if path in sources.files and "ApimPolicy" in sources.files[path].text:
            # Which routes it covers cannot be told, and to serve one without its policy would be worse than not at all.
            coverage.all_closed = True
            found.add(codes.POLICY_UNREADABLE, at=Span(path, 1, 1, 1, 1), file=path)
    for key in manifests.refused:
        if key.kind == "ApimPolicy":
            coverage.closed_namespaces.add(key.namespace)
    coverage.closed_namespaces |= gathered.mistaken_policies
    for policy in sorted(manifests.of(ApimPolicy), key=lambda p: p.age_key):
        ancestors = [
            _cover_one(policy, i, manifests, coverage, found) for i in range(len(policy.body.spec.target_refs))
        ]
        coverage.statuses[policy.key] = {"ancestors": ancestors}
        if policy.serves:
            coverage.sources[str(policy.key)] = _source(policy, sources, found)
    # Last, when it is known what has a policy of its own: a misspelt target must not leave open what it was to cover.
    for policy in manifests.of(ApimPolicy):
        for index, reference in enumerate(policy.body.spec.target_refs):
            key = ObjectKey(reference.group, reference.kind, policy.key.namespace, reference.name)
            if known := _missing(reference, key, manifests):
                meant = _probably_meant(reference, key, known, manifests, coverage)
                coverage.closed |= {(each, None) for each in meant}
                found.add(
                    codes.POLICY_TARGET_NOT_FOUND,
                    at=policy.at("spec", "targetRefs", index),
                    policy=policy.key,
                    target=f"rule `{reference.section_name}` of {key}" if reference.section_name else key,
                    help=did_you_mean(reference.section_name or reference.name, known),
                    notes=[f"{each} answers 503 until this is right" for each in meant],
                )
    return coverage


def _probably_meant(
    reference: PolicyTargetReference, key: ObjectKey, known: list[str], manifests: Manifests, coverage: Coverage
) -> list[ObjectKey]:
    """What a target that does not exist stands for: the whole route of an unknown rule, or the route or Gateway of
    nearly the same name, unless that has a policy of its own."""
    if manifests.get(gateway_api.HTTPRoute, group=key.group, namespace=key.namespace, name=key.name) is not None:
        return [key]
    meant = nearest(reference.name, known)
    near = key._replace(name=meant or "")
    return [near] if meant and (near, None) not in coverage.scopes else []


def _cover_one(
    policy: Object[ApimPolicy], index: int, manifests: Manifests, coverage: Coverage, found: Found
) -> JsonObject:
    reference = policy.body.spec.target_refs[index]
    key = ObjectKey(reference.group, reference.kind, policy.key.namespace, reference.name)
    target: Target = (key, reference.section_name)
    place = policy.at("spec", "targetRefs", index)
    reason = "Accepted"
    message = ""
    if _missing(reference, key, manifests):
        reason = "TargetNotFound"
    elif policy.state is State.SALVAGED:
        coverage.closed.add(target)
        reason, message = "Invalid", "what it covers answers 503 until it is right"
    elif target in coverage.scopes:
        reason = "Conflicted"
        other = coverage.scopes[target]
        found.add(
            codes.POLICY_CONFLICT,
            at=place,
            policy=policy.key,
            target=f"{key} rule {reference.section_name}" if reference.section_name else key,
            other=other,
            notes=["the older policy has it; without timestamps, the first by namespace and name"],
            related=[Related(coverage.sources[other].span, "attached here")],
        )
    else:
        coverage.scopes[target] = str(policy.key)
        if policy.state is State.KEPT:
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


def _missing(reference: PolicyTargetReference, key: ObjectKey, manifests: Manifests) -> list[str]:
    """Empty when the target exists; else the names that do, for a suggestion (never empty)."""
    if key in manifests.refused:
        return []
    if reference.kind == "Gateway":
        gateways = manifests.of(gateway_api.Gateway)
        here = [g.key.name for g in gateways if g.key.namespace == key.namespace]
        return [] if reference.name in here else (here or [""])
    route = manifests.get(gateway_api.HTTPRoute, group=key.group, namespace=key.namespace, name=key.name)
    if route is None:
        routes = manifests.of(gateway_api.HTTPRoute)
        return [r.key.name for r in routes if r.key.namespace == key.namespace] or [""]
    rules = [rule.name for rule in route.body.spec.rules if rule.name]
    return [] if reference.section_name is None or reference.section_name in rules else (rules or [""])


def _source(policy: Object[ApimPolicy], sources: SourceSet, found: Found) -> PolicySource:
    document = policy.body.spec.policy
    place = policy.at("spec", "policy", "inline" if document.file is None else "file")
    if document.file is not None:
        folder = PurePosixPath(policy.file).parent
        path = posixpath.normpath((folder / document.file).as_posix())
        source = sources.files.get(path)
        if source is None:
            known = [p for p in sources.files if p.endswith(".xml")]
            found.add(
                codes.POLICY_FILE_NOT_FOUND,
                at=place,
                policy=policy.key,
                file=document.file,
                label=f"read as {path}",
                help=did_you_mean(path, known),
                notes=["what it covers answers 503"],
            )
        return PolicySource(source, policy.key, place)
    return PolicySource(_inline(policy, sources), policy.key, place)


def _inline(policy: Object[ApimPolicy], sources: SourceSet) -> Source:
    node: object = policy.node
    for step in ("spec", "policy", "inline"):
        node = node.get(step) if isinstance(node, Mapping) else None
    if isinstance(node, Scalar) and policy.state is State.ACCEPTED and policy.file in sources.files:
        return embedded(sources.files[policy.file], node)
    # An older version's text is no longer in the file: every place is the scalar's.
    text = text_of(node) if isinstance(node, Scalar) else None
    return Source(policy.file, text or "", within=policy.at("spec", "policy", "inline"))
