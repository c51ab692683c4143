"""What rules of HTTPRoutes and GRPCRoutes have in common: filters, sessions, and what becomes of an invalid rule.

A rule is resolved once, for all listeners; `Rule.at_listener` fills in what a listener decides (the port of a
redirect), and `Rule.under` what an attached policy says where the rule itself is silent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias

from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests import re2
from tidegate.manifests.backends import RESOLVED, Path, References, Verdict
from tidegate.manifests.precedence import Rank
from tidegate.manifests.schema.gateway_api import (
    GRPCRouteFilter,
    HTTPCORSFilter,
    HTTPHeaderFilter,
    HTTPPathModifier,
    HTTPRequestMirrorFilter,
    HTTPRequestRedirectFilter,
    HTTPRouteFilter,
    HTTPRouteMatch,
    HTTPRouteRule,
    HTTPURLRewriteFilter,
)
from tidegate.manifests.schema.gateway_api import SessionPersistence as SessionPersistenceSpec
from tidegate.manifests.services import Client
from tidegate.model import (
    BackendFilters,
    CookieHash,
    Cors,
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    Mirror,
    PathMatch,
    PathMatchKind,
    Redirect,
    Respond,
    Rewrite,
    RouteMatch,
    SessionPersistence,
    Timeouts,
    ValueMatchKind,
    WeightedBackend,
)
from tidegate.model.routes import Action

CLOSED = Respond(503, '{"statusCode":503,"message":"Service Unavailable"}')
"""The answer of what is not accepted (design section 2)."""
INVALID = Respond(500, '{"statusCode":500,"message":"Internal Server Error"}')
"""The answer of a rule that is invalid: never another rule's, which may ask for less."""

UNCHANGED: Final = HeaderChanges()
ACCEPTED: Final = Verdict("Accepted")
_WELL_KNOWN: Final = {"http": 80, "https": 443}

Filter: TypeAlias = HTTPRouteFilter | GRPCRouteFilter


class PolicySettings(Protocol):
    """What policies attached to a route say."""

    @property
    def timeouts(self) -> Timeouts | None: ...
    @property
    def affinity(self) -> CookieHash | None: ...


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
    """Why the rule is not served as it says; its matches answer INVALID (503 for gRPC)."""

    def at_listener(self, *, port: int) -> Rule:
        """The rule at a listener on `port`; the very same one unless it redirects."""
        match self.action:
            case Redirect(port=None) as redirect:
                return replace(self, action=_with_port(redirect, port))
            case Forward(backends=backends) if any(_needs_port(each) for each in backends):
                worked_out = tuple(_at_port(each, port) if _needs_port(each) else each for each in backends)
                return replace(self, action=replace(self.action, backends=worked_out))
            case _:
                return self

    def under(self, settings: PolicySettings | None) -> Rule:
        """The rule with what attached policies say; what the route says itself wins, each as a whole."""
        if settings is None or not isinstance(self.action, Forward):
            return self
        forward = self.action
        if settings.timeouts is not None and forward.timeouts == Timeouts():
            forward = replace(forward, timeouts=settings.timeouts)
        if settings.affinity is not None and forward.affinity is None:
            forward = replace(forward, affinity=settings.affinity)
        return self if forward is self.action else replace(self, action=forward)


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


@dataclass(frozen=True, slots=True)
class Invalid(Exception):
    """A rule, or a filter of it, that the specification calls invalid. Its finding is made where it is raised."""

    reason: str
    message: str
    """Without the route's name."""


def resolution(
    rules: Sequence[Rule], references: Iterable[Verdict], invalid: Sequence[tuple[int, Invalid]]
) -> Resolution:
    """Join what the rules of one route came to."""
    resolved = next((verdict for verdict in references if verdict.reason != "ResolvedRefs"), RESOLVED)
    if not invalid:
        return Resolution(tuple(rules), resolved)
    dropped = "; ".join(f"{index}: {why.message}" for index, why in invalid)
    if len(invalid) == len(rules):
        return Resolution(tuple(rules), resolved, Verdict(invalid[0][1].reason, dropped))
    # PartiallyInvalid: the message must begin so; what the rule would take is not given to another.
    return Resolution(
        tuple(rules), resolved, partially_invalid=Verdict("UnsupportedValue", f"Dropped Rule {dropped}; it answers 500")
    )


def resolve_filters(
    filters: Iterable[Filter], references: References, path: Path, client: Client
) -> tuple[BackendFilters, list[Verdict]]:
    """The filters of a rule or of a backend at `path`, and the verdicts on what they refer to. Raises Invalid."""
    result = BackendFilters()
    verdicts: list[Verdict] = []
    mirrors: list[Mirror] = []
    for index, each in enumerate(filters):
        here = (*path, index)
        if each.request_header_modifier is not None:
            changes = changes_of(each.request_header_modifier, references, (*here, "requestHeaderModifier"))
            result = replace(result, request_headers=changes)
        if each.response_header_modifier is not None:
            changes = changes_of(each.response_header_modifier, references, (*here, "responseHeaderModifier"))
            result = replace(result, response_headers=changes)
        if each.request_mirror is not None:
            place = (*here, "requestMirror", "backendRef")
            backend, verdict = references.resolve(each.request_mirror.backend_ref, place, client)
            verdicts.append(verdict)
            if backend is not None:  # HTTPRequestMirrorFilter: what does not resolve is not configured
                mirrors.append(Mirror(backend, *_share(each.request_mirror)))
        if isinstance(each, HTTPRouteFilter):
            result = _http_filter(each, result)
    if mirrors and result.redirect is not None:
        raise _clash(references, path, "a redirect forwards nothing of which a RequestMirror could send a copy")
    return replace(result, mirrors=tuple(mirrors)), verdicts


def _http_filter(each: HTTPRouteFilter, result: BackendFilters) -> BackendFilters:
    if each.request_redirect is not None:
        return replace(result, redirect=_redirect(each.request_redirect))
    if each.url_rewrite is not None:
        return replace(result, rewrite=_rewrite(each.url_rewrite))
    if each.cors is not None:
        return replace(result, cors=_cors(each.cors))
    return result


def changes_of(filter_: HTTPHeaderFilter, references: References, path: Path) -> HeaderChanges:
    """A header modifier. Raises Invalid where one header is changed twice (HTTPHeaderFilter: "only one action")."""
    seen: set[str] = set()
    lists = {"set": [h.name for h in filter_.set], "add": [h.name for h in filter_.add], "remove": filter_.remove}
    for field, names in lists.items():
        for index, name in enumerate(names):
            if name.lower() in seen:
                finding = references.found.add(
                    codes.HEADER_TWICE,
                    at=references.referrer.at(*path, field, index),
                    route=references.referrer.key,
                    name=name,
                    notes=["the rule answers 500 until it is right"],
                )
                raise Invalid("UnsupportedValue", finding.message)
            seen.add(name.lower())
    return HeaderChanges(
        tuple(HeaderChange(h.name, h.value) for h in filter_.set),
        tuple(HeaderChange(h.name, h.value) for h in filter_.add),
        tuple(filter_.remove),
    )


def header_matches(headers: Iterable[Any], references: References, path: Path) -> tuple[HeaderMatch, ...]:
    """Header matches of a rule's match at `path`. HTTPHeaderMatch.name: of equivalent names only the first counts."""
    matches: dict[str, HeaderMatch] = {}
    for index, header in enumerate(headers):
        if header.name.lower() not in matches:
            kind = ValueMatchKind(header.type)
            if kind is ValueMatchKind.REGEX:
                check_pattern(header.value, references, (*path, index, "value"))
            matches[header.name.lower()] = HeaderMatch(header.name.lower(), header.value, kind)
    return tuple(matches.values())


def check_pattern(pattern: str, references: References, path: Path) -> None:
    """Raises Invalid for what RE2 would refuse."""
    if why := re2.problem(pattern):
        finding = references.found.add(
            codes.PATTERN,
            at=references.referrer.at(*path),
            route=references.referrer.key,
            pattern=pattern,
            problem=why,
            notes=["the rule answers 500 until it is right"],
        )
        raise Invalid("UnsupportedValue", finding.message)


def session_persistence(
    spec: SessionPersistenceSpec, references: References, path: Path, *, rule: str
) -> SessionPersistence:
    """GEP-1619. Raises Invalid for what would need a memory of sessions, which the gateway does not have."""
    permanent = spec.cookie_config is not None and spec.cookie_config.lifetime_type == "Permanent"
    if spec.absolute_timeout is not None and not permanent:
        header = spec.type == "Header"
        what = "`absoluteTimeout` of a header" if header else "`absoluteTimeout` of a cookie that ends with the browser"
        finding = references.found.add(
            codes.SESSION,
            at=references.referrer.at(*path, "absoluteTimeout"),
            route=references.referrer.key,
            what=f"the {what} would need a memory of sessions, which the gateway does not have",
            help="leave it out" if header else "set `cookieConfig.lifetimeType: Permanent`, or leave it out",
        )
        raise Invalid("UnsupportedValue", finding.message)
    key = references.referrer.key
    digest = hashlib.sha256(f"{key.kind}/{key.namespace}/{key.name}#{rule}".encode()).hexdigest()
    # "If not specified, a unique cookie name SHOULD be generated": unique by its rule, and the same after a restart.
    name = spec.session_name or f"tidegate-session-{digest[:12]}"
    return SessionPersistence(name, spec.type == "Header", spec.absolute_timeout if permanent else None)


def _clash(references: References, path: Path, what: str) -> Invalid:
    finding = references.found.add(
        codes.FILTERS_CLASH,
        at=references.referrer.key_at(*path),
        route=references.referrer.key,
        what=what,
        notes=["the rule answers 500 until it is right"],
    )
    return Invalid("IncompatibleFilters", finding.message)


def _share(mirror: HTTPRequestMirrorFilter) -> tuple[int, int]:
    if mirror.fraction is not None:
        return mirror.fraction.numerator, mirror.fraction.denominator
    return (100 if mirror.percent is None else mirror.percent), 100


def _redirect(filter_: HTTPRequestRedirectFilter) -> Redirect:
    path, prefix = _path_change(filter_.path)
    return Redirect(filter_.scheme, filter_.hostname, filter_.port, path, prefix, filter_.status_code)


def _rewrite(filter_: HTTPURLRewriteFilter) -> Rewrite:
    path, prefix = _path_change(filter_.path)
    return Rewrite(filter_.hostname, path, prefix)


def _path_change(change: HTTPPathModifier | None) -> tuple[str | None, str | None]:
    """The whole path, and what replaces the matched prefix: "/" where nothing does."""
    if change is None:
        return None, None
    if change.replace_full_path is not None:
        return change.replace_full_path or "/", None
    if change.replace_prefix_match is not None:
        return None, change.replace_prefix_match.rstrip("/") or "/"
    return None, None


def _cors(filter_: HTTPCORSFilter) -> Cors:
    return Cors(
        allow_origins=tuple(_origin(origin) for origin in filter_.allow_origins),
        allow_credentials=filter_.allow_credentials,
        allow_methods=filter_.allow_methods,
        allow_headers=filter_.allow_headers,
        expose_headers=filter_.expose_headers,
        max_age_s=filter_.max_age,
    )


def _origin(origin: str) -> str:
    """As browsers write it (RFC 6454 section 6.1): lower case, without the scheme's own port."""
    scheme, separator, rest = origin.lower().partition("://")
    return f"{scheme}{separator}{rest.removesuffix(f':{_WELL_KNOWN.get(scheme)}')}"


def _with_port(redirect: Redirect, listener: int) -> Redirect:
    # HTTPRequestRedirectFilter.port: of the redirect's scheme if it has one, else the listener's.
    port = _WELL_KNOWN[redirect.scheme] if redirect.scheme else listener
    return replace(redirect, port=port, keeps_port=not redirect.scheme)


def _needs_port(backend: WeightedBackend) -> bool:
    filters = backend.filters
    return filters is not None and filters.redirect is not None and filters.redirect.port is None


def _at_port(backend: WeightedBackend, listener: int) -> WeightedBackend:
    filters = backend.filters
    if filters is None or filters.redirect is None:
        return backend
    return replace(backend, filters=replace(filters, redirect=_with_port(filters.redirect, listener)))


def action_of(route: Any, index: int, backends: Any) -> tuple[Forward, str]:
    """Where a rule sends its requests, and the first reason why a reference does not resolve."""
    weighted = []
    reason = "ResolvedRefs"
    for position, reference in enumerate(route.body.spec.rules[index].backend_refs):
        backend, said = backends.resolve(route, reference, ("spec", "rules", index, "backendRefs", position))
        weighted.append(backend)
        if reason == "ResolvedRefs":
            reason = said
    return Forward(tuple(weighted)), reason


def matches_of(rule: HTTPRouteRule) -> Iterator[RouteMatch]:
    """The rule's matches; without any, every request (HTTPRouteRule: prefix match on "/")."""
    for match in rule.matches or (HTTPRouteMatch(),):
        headers: dict[str, str] = {}
        for header in match.headers:
            headers.setdefault(header.name.lower(), header.value)
        value = match.path.value
        if match.path.type == "PathPrefix":
            value = value.rstrip("/") or "/"
        yield RouteMatch(
            PathMatch(PathMatchKind(match.path.type), value),
            tuple(HeaderMatch(name, text) for name, text in headers.items()),
            match.method,
        )


def header_changes(rule: HTTPRouteRule) -> tuple[HeaderChanges, HeaderChanges]:
    """Changes of the request's and of the response's headers."""
    request = next((f.request_header_modifier for f in rule.filters if f.request_header_modifier), None)
    response = next((f.response_header_modifier for f in rule.filters if f.response_header_modifier), None)
    return _changes(request), _changes(response)


def _changes(filter_: HTTPHeaderFilter | None) -> HeaderChanges:
    if filter_ is None:
        return HeaderChanges()
    return HeaderChanges(
        tuple(HeaderChange(h.name, h.value) for h in filter_.set),
        tuple(HeaderChange(h.name, h.value) for h in filter_.add),
        tuple(filter_.remove),
    )
