"""What can still be read of a malformed object: enough to refuse what it was meant to serve.

A route with an unsupported filter still says which hosts and paths it wanted. Leaving it out would hand those requests
to a wider route, perhaps one without its policies; so they answer 503. Cutting never widens what is matched: where a
match cannot be read the whole match goes, where no hostname can be read nothing is left.

A policy that protects something still says what it attaches to, and closes that. Cutting never narrows what it covers:
where a target cannot be read nothing is left, and then everything that the policy may have meant is closed.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.suggest import nearest
from tidegate.manifests.check import Path, check
from tidegate.manifests.schema import Resource, alb, core, gateway_api, tidegate
from tidegate.manifests.schema.rules import SALVAGE
from tidegate.sources import Entry, Mapping, Node, Scalar, Sequence

_ROUNDS: Final = 5
"""Rules between fields are judged when the fields are well: one cut may bring another mistake to light."""

_ROUTES: Final = (
    gateway_api.HTTPRoute,
    gateway_api.GRPCRoute,
    gateway_api.TLSRoute,
    gateway_api.TCPRoute,
    gateway_api.UDPRoute,
)
_LISTENERS: Final = (gateway_api.Gateway, gateway_api.ListenerSet)
_POLICIES: Final[AbstractMapping[type[Resource], AbstractMapping[str, object]]] = {
    tidegate.ApimPolicy: {"policy": {"inline": ""}},
    tidegate.RateLimitPolicy: {"limits": [{"calls": 1, "period": "24h"}]},
    # Nobody's certificate: should anyone use it, it trusts nothing.
    gateway_api.BackendTLSPolicy: {
        "validation": {
            "hostname": "unreadable.invalid",
            "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "unreadable.invalid"}],
        }
    },
    alb.AlbBackendTLSPolicy: {},
    alb.FrontendTLSPolicy: {},
}
"""Policies whose absence would leave something open, and what stands in for required fields that cannot be read."""


def salvage(
    node: Mapping, schema: type[Resource], wrong: tuple[Path, ...], *, subject: str
) -> tuple[Resource, Mapping] | None:
    """The object without what is wrong, and its node cut alike; None where nothing useful is left."""
    rest = node
    for _ in range(_ROUNDS):
        cuts = {_cut(rest, schema, path) for path in wrong}
        if None in cuts:
            return None
        shorter = _without(rest, (), frozenset(cut for cut in cuts if cut is not None))
        if not isinstance(shorter, Mapping):
            return None
        if schema in _ROUTES:
            if _at(shorter, "spec", "hostnames") == () and _at(node, "spec", "hostnames"):
                return None  # without a hostname it would stand for every host
            shorter = _without_empty_rules(shorter, before=node)
        rest = _with_stand_ins(shorter, _POLICIES.get(schema, {}))
        body, wrong = check(rest, schema, subject=subject, found=Found(), context=SALVAGE)
        if body is not None:
            return body, rest
    return None


def _cut(node: Mapping, schema: type[Resource], path: Path) -> Path | None:
    """How much goes with the wrong value at `path`: () nothing, None when the object cannot be used at all."""
    match path:
        case ("metadata", "labels" | "annotations", *_):
            return path[:2]
        case ("metadata", *_) | () | ("spec",):
            return None
    if schema in _ROUTES:
        return _cut_route(node, path)
    if schema in _LISTENERS:
        return _cut_listeners(path)
    if schema in _POLICIES:
        return _cut_policy(path)
    if schema is core.Service:
        return path[:3] if len(path) > 2 else path
    if schema is gateway_api.GatewayClass:
        # Whose class it is decides whether its status is ours to write.
        return None if path[:2] == ("spec", "controllerName") else path[:2]
    return None


def _cut_route(node: Mapping, path: Path) -> Path | None:
    match path:
        case ("spec", "parentRefs" | "hostnames", int(), *_):
            return path[:3]
        case ("spec", "hostnames" | "rules" as field) if _at(node, "spec", field):
            return ()  # too many, which does not count while salvaging
        case ("spec", "rules", int() as index):
            rules = _at(node, "spec", "rules")
            readable = index < len(rules) and isinstance(rules[index], Mapping)
            # What is wrong between its fields does not concern its matches; no mapping at all has none to read.
            return (*path, "filters") if readable else path
        case ("spec", "rules", int(), "matches", int(), *_):
            return path[:5]
        case ("spec", "rules", int() as index, "matches"):
            # Too many do not count; without any its rule would match every request.
            return () if _matches(_at(node, "spec", "rules")[index]) else path[:3]
        case ("spec", "rules", int() as index, str() as field, *_):
            meant = nearest(field, ["matches"]) is not None and _matches(_at(node, "spec", "rules")[index]) is None
            return path[:3] if meant else (*path[:3], field)
        case ("spec", "parentRefs" | "hostnames" | "rules", *_):
            return None
        case ("spec", str() as field, *_):
            # Without the hosts that it means by another name it would stand for every host.
            meant = field in ("host", "hosts") or nearest(field, ["hostnames"]) is not None
            return None if meant and not _at(node, "spec", "hostnames") else path[:2]
    return path


def _cut_listeners(path: Path) -> Path | None:
    match path:
        case ("spec", "listeners", int(), "name" | "port" | "protocol" | "hostname", *_) | ("spec", "listeners", int()):
            return path[:3]
        case ("spec", "listeners", int(), str() as field, *_):
            return (*path[:3], field)
        case ("spec", "gatewayClassName" | "listeners" | "parentRef", *_):
            return None
        case ("spec", str(), *_):
            return path[:2]
    return path


def _cut_policy(path: Path) -> Path | None:
    match path:
        case ("spec", "targetRef", "group" | "kind" | "name" | "namespace", *_) | (
            "spec",
            "targetRefs",
            int(),
            "group" | "kind" | "name",
            *_,
        ):
            return None
        case ("spec", "targetRef", str(), *_):
            return path[:3]  # without its sections it covers the whole target
        case ("spec", "targetRefs", int(), str(), *_):
            return path[:4]
        case ("spec", "targetRefs" | "targetRef", *_):
            return None
        case ("spec", str(), *_):
            return path[:2]
    return path


def _without(node: Node, path: Path, cuts: frozenset[Path]) -> Node:
    match node:
        case Mapping(entries=entries):
            kept = {
                key: replace(entry, node=_without(entry.node, (*path, key), cuts))
                for key, entry in entries.items()
                if (*path, key) not in cuts
            }
            return replace(node, entries=kept)
        case Sequence(items=items):
            rest = (_without(item, (*path, i), cuts) for i, item in enumerate(items) if (*path, i) not in cuts)
            return replace(node, items=tuple(rest))
        case Scalar():
            return node


def _without_empty_rules(route: Mapping, *, before: Mapping) -> Mapping:
    """Drop rules that lost every match: a rule without `matches` would match every request."""
    lost = {
        ("spec", "rules", index)
        for index, rule in enumerate(_at(route, "spec", "rules"))
        if _matches(rule) == () and any(_matches(was) and was.span == rule.span for was in _at(before, "spec", "rules"))
    }
    rest = _without(route, (), frozenset(lost))
    return rest if isinstance(rest, Mapping) else route


def _at(node: Node, *path: str) -> tuple[Node, ...]:
    """The list at a path; empty where there is none."""
    inner: Node | None = node
    for step in path:
        inner = inner.get(step) if isinstance(inner, Mapping) else None
    return inner.items if isinstance(inner, Sequence) else ()


def _matches(rule: Node) -> tuple[Node, ...] | None:
    matches = rule.get("matches") if isinstance(rule, Mapping) else None
    return matches.items if isinstance(matches, Sequence) else None


def _with_stand_ins(policy: Mapping, stand_ins: AbstractMapping[str, object]) -> Mapping:
    """Required fields that cannot be read are filled: the schema wants them, and a salvaged policy only refuses."""
    spec = policy.get("spec")
    if not isinstance(spec, Mapping):
        return policy
    place = spec.span.start
    missing = {
        name: Entry(name, place, _node(value, place)) for name, value in stand_ins.items() if name not in spec.entries
    }
    whole = replace(spec, entries={**spec.entries, **missing})
    return replace(policy, entries={**policy.entries, "spec": replace(policy.entries["spec"], node=whole)})


def _node(value: object, place: Span) -> Node:
    match value:
        case dict():
            return Mapping({name: Entry(name, place, _node(each, place)) for name, each in value.items()}, place)
        case list():
            return Sequence(tuple(_node(each, place) for each in value), place)
        case str() | int():
            return Scalar(value, place, str(value))
    raise TypeError(f"no stand-in is a {type(value).__name__}")
