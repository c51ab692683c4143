"""What can still be read of a malformed object: enough to refuse what it was meant to serve.

A route with an unsupported filter still says which hosts and paths it wanted. Leaving it out would hand those requests
to a wider route, perhaps one without its policies; so they answer 503. Cutting never widens what is matched: where a
match cannot be read the whole match goes, where a hostname cannot be read nothing is left.
"""

from __future__ import annotations

from dataclasses import replace

from tidegate.diagnostics import Found
from tidegate.manifests.check import Path, check
from tidegate.manifests.schema import Resource, core, gateway_api, tidegate
from tidegate.sources import Entry, Mapping, Node, Scalar, Sequence

_SALVAGEABLE = (gateway_api.HTTPRoute, gateway_api.Gateway, tidegate.ApimPolicy, core.Service)


def salvage(
    node: Mapping, schema: type[Resource], wrong: tuple[Path, ...], *, subject: str
) -> tuple[Resource, Mapping] | None:
    """The object without what is wrong, and its node cut alike; None where nothing useful is left."""
    if schema not in _SALVAGEABLE:
        return None
    cuts = {_cut(schema, path) for path in wrong}
    if None in cuts:
        return None
    rest = _without(node, (), frozenset(cut for cut in cuts if cut is not None))
    if not isinstance(rest, Mapping):
        return None
    if schema is gateway_api.HTTPRoute:
        rest = _without_empty_rules(rest, before=node)
    if schema is tidegate.ApimPolicy:
        rest = _with_some_document(rest)
    body, _ = check(rest, schema, subject=subject, found=Found())
    return (body, rest) if body is not None else None


def _cut(schema: type[Resource], path: Path) -> Path | None:
    """How much goes with the wrong value at `path`; None when the object cannot be used at all."""
    match path:
        case ("metadata", "labels" | "annotations", *_):
            return path[:2]
        case ("metadata", *_) | () | ("spec",):
            return None
    if schema is gateway_api.HTTPRoute:
        match path:
            case ("spec", "parentRefs", int(), *_):
                return path[:3]
            case ("spec", "rules", int(), "matches", int(), *_):
                return path[:5]
            case ("spec", "rules", int(), "matches" | "name"):
                return path[:3]
            case ("spec", "rules", int(), str() as field, *_):
                return (*path[:3], field)
            case ("spec", "rules", int()):
                # The rule's own checks (each filter once): its matches are readable, its filters not.
                return (*path, "filters")
            case ("spec", "parentRefs" | "hostnames" | "rules", *_):
                return None
            case ("spec", str(), *_):
                return path[:2]
    if schema is gateway_api.Gateway:
        match path:
            case ("spec", "listeners", int(), "name" | "port" | "protocol" | "hostname", *_) | (
                "spec",
                "listeners",
                int(),
            ):
                return path[:3]
            case ("spec", "listeners", int(), str() as field, *_):
                return (*path[:3], field)
            case ("spec", "gatewayClassName" | "listeners", *_):
                return None
            case ("spec", str(), *_):
                return path[:2]
    if schema is tidegate.ApimPolicy:
        match path:
            case ("spec", "targetRefs", int(), *_):
                return path[:3]
            case ("spec", "policy", *_):
                return path[:2]
    return path[:3] if len(path) > 2 else path


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
        for index, rule in enumerate(_rules(route))
        if _matches(rule) == () and any(_matches(was) and was.span == rule.span for was in _rules(before))
    }
    rest = _without(route, (), frozenset(lost))
    return rest if isinstance(rest, Mapping) else route


def _rules(route: Mapping) -> tuple[Node, ...]:
    spec = route.get("spec")
    rules = spec.get("rules") if isinstance(spec, Mapping) else None
    return rules.items if isinstance(rules, Sequence) else ()


def _matches(rule: Node) -> tuple[Node, ...] | None:
    matches = rule.get("matches") if isinstance(rule, Mapping) else None
    return matches.items if isinstance(matches, Sequence) else None


def _with_some_document(policy: Mapping) -> Mapping:
    """An unreadable `policy` is replaced by an empty text: the schema wants one, and a salvaged policy only refuses."""
    spec = policy.get("spec")
    if not isinstance(spec, Mapping) or "policy" in spec.entries:
        return policy
    place = spec.span.start
    empty = Mapping({"inline": Entry("inline", place, Scalar("", place, ""))}, place)
    whole = replace(spec, entries={**spec.entries, "policy": Entry("policy", place, empty)})
    return replace(policy, entries={**policy.entries, "spec": replace(policy.entries["spec"], node=whole)})
