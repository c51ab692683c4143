"""What rules of HTTPRoutes and GRPCRoutes have in common: what one resolves to, and what becomes of an invalid one.

A rule is resolved once, for all listeners; `Rule.at_listener` fills in what a listener decides: the port of a redirect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from tidegate.diagnostics import Code
from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests.precedence import Rank
from tidegate.manifests.references import RESOLVED, UNSERVED, Path, References, Verdict
from tidegate.model import (
    Cors,
    Forward,
    HeaderChanges,
    Redirect,
    Respond,
    RouteMatch,
    WeightedBackend,
)
from tidegate.model.routes import Action

CLOSED = Respond(503, '{"statusCode":503,"message":"Service Unavailable"}')
"""The answer of what is not accepted (design section 2)."""
INVALID = Respond(500, '{"statusCode":500,"message":"Internal Server Error"}')
"""The answer of a rule that is invalid: never another rule's, which may ask for less."""

UNCHANGED: Final = HeaderChanges()
ACCEPTED: Final = Verdict("Accepted")
WELL_KNOWN_PORTS: Final = {"http": 80, "https": 443}


class RuleSpec(Protocol):
    """What rules of both kinds have."""

    @property
    def name(self) -> str | None: ...


S = TypeVar("S", bound=RuleSpec)


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A match and how narrow it is."""

    match: RouteMatch
    rank: Rank


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, resolved, the same for all listeners."""

    index: int
    name: str
    """`rules[].name`, or ""."""
    matches: tuple[RankedMatch, ...]
    action: Action
    """A Redirect without `port` has none of its own: `at_listener` works it out."""
    request_headers: HeaderChanges = UNCHANGED
    response_headers: HeaderChanges = UNCHANGED
    cors: Cors | None = None
    invalid: str = ""
    """Why the rule is not served as it says: its matches answer INVALID, those of a GRPCRoute CLOSED."""

    def at_listener(self, *, port: int) -> Rule:
        """The rule at a listener on `port`; the very same one unless it redirects."""
        match self.action:
            case Redirect(port=None) as redirect:
                return replace(self, action=_with_port(redirect, port))
            case Forward(backends=backends):
                worked_out = tuple(_at_port(each, port) for each in backends)
                if all(now is was for now, was in zip(worked_out, backends, strict=True)):
                    return self
                return replace(self, action=replace(self.action, backends=worked_out))
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Resolution:
    """All rules of a route, and what its conditions say of them whatever the parent."""

    rules: tuple[Rule, ...]
    resolved: Verdict = RESOLVED
    """ResolvedRefs: True with this reason, or False with the first reason of a reference that does not resolve."""
    accepted: Verdict = ACCEPTED
    """Anything but "Accepted": no rule is valid, so no parent accepts the route."""
    partially_invalid: Verdict | None = None
    """The condition PartiallyInvalid, with True; it is there only where some rules are valid and some are not."""


class Invalid(Exception):
    """A rule that the specification calls invalid; its finding is made already."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        """Without the route's name."""


def report_invalid(
    references: References,
    code: Code,
    path: Path,
    *,
    reason: str = "UnsupportedValue",
    help: str = "",
    **fields: Any,
) -> Invalid:
    """Report what makes a rule invalid, at the value at `path`; the exception to raise."""
    key = references.referrer.key
    note = f"the rule answers {UNSERVED[key.kind]} until it is right"
    place = references.referrer.at(*path)
    finding = references.found.add(code, at=place, help=help, notes=(note,), route=key, **fields)
    return Invalid(reason, finding.message.removeprefix(f"{key}: "))


Matches = tuple[tuple[RankedMatch, ...], Invalid | None]
"""The matches that can be made, and why others cannot."""


def resolve_rules(
    specs: Sequence[S],
    references: References,
    *,
    matches_of: Callable[[S, Path], Matches],
    rule_of: Callable[[int, S, tuple[RankedMatch, ...]], tuple[Rule, list[Verdict]]],
    invalid_action: Respond,
) -> Resolution:
    """Every rule of a route; what is malformed answers CLOSED, and an invalid rule `invalid_action`."""
    rules: list[Rule] = []
    verdicts: list[Verdict] = []
    invalid: list[Invalid] = []
    for index, spec in enumerate(specs):
        matches, wrong = matches_of(spec, ("spec", "rules", index))
        if not references.referrer.serves:
            rules.append(Rule(index, spec.name or "", matches, CLOSED))
            continue
        try:
            if wrong is not None:
                raise wrong
            rule, said = rule_of(index, spec, matches)
        except Invalid as problem:
            rules.append(Rule(index, spec.name or "", matches, invalid_action, invalid=problem.message))
            invalid.append(problem)
        else:
            rules.append(rule)
            verdicts += said
    if references.referrer.serves:
        _report_unreached(rules, references)
    resolved = next((verdict for verdict in verdicts if verdict.reason != RESOLVED.reason), RESOLVED)
    if not invalid:
        return Resolution(tuple(rules), resolved)
    if len(invalid) == len(rules):
        return Resolution(tuple(rules), resolved, Verdict(invalid[0].reason, _dropped(rules)))
    # RouteConditionPartiallyInvalid: the message must begin so. What the rule would take goes to no other rule.
    message = f"Dropped {_dropped(rules)}; such requests answer {UNSERVED[references.referrer.key.kind]}"
    return Resolution(tuple(rules), resolved, partially_invalid=Verdict("UnsupportedValue", message))


def _report_unreached(rules: Sequence[Rule], references: References) -> None:
    """HTTPRouteRule.matches: of equal matches in one route the first wins, so the others never do."""
    first: dict[RouteMatch, int] = {}
    for rule in rules:
        for position, ranked in enumerate(rule.matches):
            other = first.setdefault(ranked.match, rule.index)
            if other != rule.index and not rule.invalid:
                references.found.add(
                    codes.MATCH_UNREACHED,
                    at=references.referrer.at("spec", "rules", rule.index, "matches", position),
                    route=references.referrer.key,
                    rule=rule.index,
                    other=other,
                    help="give one of them another match, or both backends to one rule, by weight",
                )


def _dropped(rules: Sequence[Rule]) -> str:
    return "; ".join(f"Rule {rule.index}: {rule.invalid}" for rule in rules if rule.invalid)


def _with_port(redirect: Redirect, listener: int) -> Redirect:
    # HTTPRequestRedirectFilter.port: of the redirect's scheme if it has one, else the listener's.
    port = WELL_KNOWN_PORTS[redirect.scheme] if redirect.scheme else listener
    return replace(redirect, port=port, keeps_port=not redirect.scheme)


def _at_port(backend: WeightedBackend, listener: int) -> WeightedBackend:
    filters = backend.filters
    if filters is None or filters.redirect is None or filters.redirect.port is not None:
        return backend
    return replace(backend, filters=replace(filters, redirect=_with_port(filters.redirect, listener)))
