"""Routes and backends in words, for `tidegate explain`."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.model import (
    Backend,
    BackendFilters,
    BackendProtocol,
    CookieHash,
    Cors,
    Forward,
    GrpcProbe,
    HeaderChanges,
    HealthCheck,
    HttpProbe,
    Mirror,
    Redirect,
    Rewrite,
    Route,
    RouteMatch,
    SessionPersistence,
    TcpProbe,
    Timeouts,
    ValueMatchKind,
)


def match_text(match: RouteMatch) -> str:
    """What a route wants of a request."""
    parts = [match.method or "any method", f"{match.path.kind} {match.path.value}"]
    parts += [f"{h.name}: {h.value}" if _exact(h.kind) else f"{h.name} like {h.value}" for h in match.headers]
    parts += [f"?{q.name}={q.value}" if _exact(q.kind) else f"?{q.name} like {q.value}" for q in match.query]
    return ", ".join([*parts, *(["gRPC"] if match.grpc else [])])


def route_filters(route: Route) -> Iterator[str]:
    """What a route does with a request that it takes, in order."""
    if route.cors is not None:
        yield _cors(route.cors)
    yield from _changes(route.request_headers, "request")
    if isinstance(route.action, Redirect):
        yield _redirect(route.action)
    if isinstance(route.action, Forward):
        yield from _forward(route.action)
    yield from _changes(route.response_headers, "response")


def backend_notes(backend: Backend | None, filters: BackendFilters | None) -> Iterator[str]:
    """How a backend is spoken to, and what is done for it alone."""
    if backend is not None:
        if backend.protocol is not BackendProtocol.HTTP1:
            yield f"spoken to by {backend.protocol}"
        if backend.tls is not None:
            checked = " or ".join(name.value for name in backend.tls.names) or backend.tls.server_name
            client = ", with a client certificate" if backend.tls.client_certificate is not None else ""
            yield f"over TLS as {backend.tls.server_name}; its certificate must be for {checked}{client}"
        if backend.load_balancing is not None:
            yield f"balanced by {backend.load_balancing.strategy}"
        if backend.health_check is not None:
            yield _probe(backend.health_check)
    if filters is not None:
        if filters.cors is not None:
            yield _cors(filters.cors)
        yield from _changes(filters.request_headers, "request")
        if filters.redirect is not None:
            yield _redirect(filters.redirect)
        if filters.rewrite is not None:
            yield from _rewrite(filters.rewrite)
        yield from map(_mirror, filters.mirrors)
        yield from _changes(filters.response_headers, "response")


def _forward(action: Forward) -> Iterator[str]:
    yield from _rewrite(Rewrite(action.host, action.replace_path, action.replace_prefix))
    yield from map(_mirror, action.mirrors)
    yield from _timeouts(action.timeouts)
    if action.retry is not None:
        codes = f" on {', '.join(map(str, action.retry.codes))}" if action.retry.codes else ""
        tries = f"up to {action.retry.attempts} times" if action.retry.attempts is not None else "again"
        yield f"retry {tries}{codes}"
    match action.affinity:
        case SessionPersistence(name=name, in_header=in_header):
            yield f"session kept by the {'header' if in_header else 'cookie'} {name}"
        case CookieHash(name=name):
            yield f"equal cookies {name} meet the same endpoint"
        case None:
            pass


def _timeouts(timeouts: Timeouts) -> Iterator[str]:
    for name, seconds in (("request", timeouts.request_s), ("one try", timeouts.backend_request_s)):
        if seconds is not None:
            yield f"{name} ends after {seconds:g} s" if seconds else f"{name} may take any time"


def _changes(changes: HeaderChanges, direction: str) -> Iterator[str]:
    yield from (f"{direction} header {each.name} set to {each.value}" for each in changes.set)
    yield from (f"{direction} header {each.name} added: {each.value}" for each in changes.add)
    yield from (f"{direction} header {name} removed" for name in changes.remove)


def _rewrite(rewrite: Rewrite) -> Iterator[str]:
    if rewrite.hostname is not None:
        yield f"host becomes {rewrite.hostname}"
    if rewrite.replace_path is not None:
        yield f"path becomes {rewrite.replace_path}"
    if rewrite.replace_prefix is not None:
        yield f"the matched prefix becomes {rewrite.replace_prefix}"


def _redirect(redirect: Redirect) -> str:
    parts = (
        ("scheme", redirect.scheme),
        ("host", redirect.hostname),
        ("port", None if redirect.keeps_port else redirect.port),
        ("path", redirect.replace_path),
        ("prefix", redirect.replace_prefix),
    )
    told = ", ".join(f"{name} {value}" for name, value in parts if value is not None)
    return f"redirect {redirect.status}" + (f" with {told}" if told else "")


def _mirror(mirror: Mirror) -> str:
    return f"copy of {mirror.numerator / mirror.denominator:.0%} to {mirror.backend}"


def _cors(cors: Cors) -> str:
    return f"CORS for {', '.join(cors.allow_origins) or 'no origin'}"


def _probe(check: HealthCheck) -> str:
    match check.probe:
        case HttpProbe(path=path):
            what = f"GET {path}"
        case GrpcProbe(service=service):
            what = f"gRPC health of {service or 'the server'}"
        case TcpProbe():
            what = "a connection"
    return f"probed by {what} every {check.interval_s:g} s"


def _exact(kind: ValueMatchKind) -> bool:
    return kind is ValueMatchKind.EXACT
