"""Which listener, route, policy steps and backend a request would meet, and why not the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from urllib.parse import parse_qsl, urlsplit

from tidegate.compilers.hosts import HostRoutes, host_routes
from tidegate.envoy.clusters import is_address
from tidegate.model import (
    BackendId,
    ExternalBackend,
    Forward,
    Gateway,
    Listener,
    PathMatchKind,
    Protocol,
    Redirect,
    Respond,
    Route,
    StreamRoute,
    ValueMatchKind,
    WeightedBackend,
    World,
)
from tidegate.model.hostnames import covers
from tidegate.pipeline.compilation import Compilation, Settings
from tidegate.pipeline.describe import backend_notes, match_text, route_filters
from tidegate.pipeline.explanation import Explanation, Loser, Target

_HTTP = (Protocol.HTTP, Protocol.HTTPS)
_REFUSED_ESCAPES = re.compile(r"%2f|%5c", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Request:
    """What of a request routes look at."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]


def explain(
    compilation: Compilation, method: str, url: str, headers: Mapping[str, str], settings: Settings
) -> Explanation:
    """Walk one request through the compiled world. `url` names the listener by its local port or by its own."""
    world = compilation.world
    method = method.upper()
    asked = {name.lower(): value for name, value in headers.items()}
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return Explanation(method, url, "this is no URL")
    host = asked.get("host", parts.hostname or "").rsplit("@")[-1].split(":")[0].lower()
    found = _listeners(world, parts.hostname or "", port, settings.port_offset)
    if found is None:
        served = sorted({f"{each.port + settings.port_offset}" for g in world.gateways for each in g.listeners})
        return Explanation(method, url, f"no listener has port {port}; served are {', '.join(served) or 'none'}")
    gateway, listeners = found
    streams = [each for each in listeners if each.protocol not in _HTTP]
    if stream := _stream(streams, host, is_tls=parts.scheme == "https"):
        return _streamed(world, gateway, *stream, method=method, url=url)
    plain = [each for each in listeners if each.protocol in _HTTP]
    listeners = [each for each in plain if (each.protocol is Protocol.HTTPS) == (parts.scheme == "https")]
    if not listeners:
        spoken = (plain or streams)[0].protocol
        return Explanation(method, url, f"port {port} speaks {spoken}", gateway=str(gateway.name))
    at_host = _host_routes(listeners, host)
    if at_host is None:
        return Explanation(method, url, f"no listener serves host `{host}`: 404", gateway=str(gateway.name))
    if parts.scheme == "https" and (refused := _not_of_this_connection(listeners, at_host, parts.hostname or "")):
        return Explanation(method, url, refused, gateway=str(gateway.name))
    if _REFUSED_ESCAPES.search(parts.path):
        return Explanation(
            method, url, "400: an escaped slash is no path that every backend reads alike", gateway=str(gateway.name)
        )
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name, value)  # HTTPQueryParamMatch.name: of repeated ones the first counts
    request = _Request(method, url, _normal(parts.path or "/"), asked, query)
    return _routed(world, gateway, at_host, _strangers(listeners, at_host), request)


def _normal(path: str) -> str:
    """As the gateway reads a path: one slash for several, without `.` and `..` (RFC 3986 section 6.2.2.3)."""
    parts: list[str] = []
    pieces = re.sub(r"/{2,}", "/", path).split("/")[1:]
    for index, piece in enumerate(pieces):
        if piece == "..":
            del parts[-1:]
        elif piece != ".":
            parts.append(piece)
            continue
        if index == len(pieces) - 1:
            parts.append("")
    return "/" + "/".join(parts)


def _listeners(world: World, address: str, port: int, offset: int) -> tuple[Gateway, list[Listener]] | None:
    """The listeners behind one socket: at the local port, else at the port of the specification."""
    for shift in dict.fromkeys((offset, 0)):
        candidates = [
            (gateway, [each for each in gateway.listeners if each.port + shift == port]) for gateway in world.gateways
        ]
        candidates = [(gateway, listeners) for gateway, listeners in candidates if listeners]
        exact = [each for each in candidates if each[0].address == address]
        if exact or candidates:
            gateway = (exact or candidates)[0][0]
            # Gateways that share a socket share its listeners.
            shared = [each for g, listeners in candidates if g.address == gateway.address for each in listeners]
            return gateway, shared
    return None


def _host_routes(listeners: list[Listener], host: str) -> HostRoutes | None:
    matching = [each for each in host_routes(listeners) if covers(each.hostname, host)]
    return max(matching, key=lambda each: (not each.hostname.startswith("*"), len(each.hostname)), default=None)


def _not_of_this_connection(listeners: list[Listener], at_host: HostRoutes, name: str) -> str:
    """What becomes of a request whose Host is another listener's than the server name of its handshake; empty if not.

    Clients send no server name for an address.
    """
    server_name = "" if is_address(name) else name
    taking = [each for each in listeners if covers(each.hostname or "*", server_name)]
    if not taking:
        asking = f"with the server name `{name}`" if server_name else "without a server name"
        return f"the handshake is refused: no listener takes a connection {asking}"
    asked = max(taking, key=lambda each: (not (each.hostname or "*").startswith("*"), len(each.hostname or "*")))
    if (asked.hostname or "*") == (at_host.listener.hostname or "*"):
        return ""
    return f"421: the connection is listener {asked.name}'s, and the host listener {at_host.listener.name}'s"


def _strangers(listeners: list[Listener], at_host: HostRoutes) -> list[Loser]:
    """Routes on the same port that other hosts see."""
    seen = {route.id for route in at_host.routes}
    losers = []
    for listener in listeners:
        for route in listener.routes:
            if route.id in seen:
                continue
            if listener is at_host.listener:
                reason = f"serves {', '.join(route.hostnames) or 'no such host'}"
            else:
                reason = f"is at listener {listener.name}, which serves {listener.hostname or 'every other host'}"
            losers.append(Loser(route.id, str(route.span), reason))
    return losers


def _routed(
    world: World, gateway: Gateway, at_host: HostRoutes, strangers: Iterable[Loser], request: _Request
) -> Explanation:
    winner: Route | None = None
    losers: list[Loser] = []
    for route in at_host.routes:
        reason = _mismatch(route, request)
        if not reason and winner is not None:
            reason = f"{winner.id} comes first: {_precedence(winner, route)}"
        if reason:
            losers.append(Loser(route.id, str(route.span), reason))
        else:
            winner = route
    common: dict[str, Any] = {
        "gateway": f"{gateway.name} at {gateway.address}",
        "listener": _listener_text(at_host.listener),
        "hostname": at_host.hostname,
        "losers": (*losers, *strangers),
    }
    if winner is None:
        return Explanation(request.method, request.url, "404: no route matches", **common)
    outcome, targets = _outcome(world, winner)
    if winner.cors is not None and _is_preflight(request):
        outcome, targets = "204, answered by the gateway: a CORS preflight goes to no backend", ()
    return Explanation(
        request.method,
        request.url,
        outcome,
        route=winner.id,
        owner=str(winner.owner),
        place=str(winner.span),
        match=match_text(winner.match),
        steps=winner.program.steps if winner.program is not None else (),
        filters=tuple(route_filters(winner)),
        targets=targets,
        **common,
    )


def _listener_text(listener: Listener) -> str:
    text = f"{listener.name} (port {listener.port}, {listener.span})"
    if (clients := listener.tls.client_validation) is None:
        return text
    return f"{text}, {'with or without' if clients.optional else 'only with'} a client certificate"


def _is_preflight(request: _Request) -> bool:
    return request.method == "OPTIONS" and {"origin", "access-control-request-method"} <= request.headers.keys()


def _precedence(winner: Route, other: Route) -> str:
    """By what one of two routes that both match has precedence (HTTPRouteRule.matches)."""
    first, second = winner.match, other.match
    if first.grpc != second.grpc:
        return "gRPC before HTTP"
    if (first.path.kind, len(first.path.value)) != (second.path.kind, len(second.path.value)):
        return "its path is narrower"
    if (first.method is None) != (second.method is None):
        return "it names a method"
    if len(first.headers) != len(second.headers):
        return "it names more headers"
    if len(first.query) != len(second.query):
        return "it names more query parameters"
    return "its rule is earlier" if winner.owner == other.owner else "its route is older, or first by name"


def _stream(listeners: list[Listener], host: str, *, is_tls: bool) -> tuple[Listener, StreamRoute | None] | None:
    """The listener below HTTP that takes a connection, and its route."""
    taking = [
        each
        for each in listeners
        if each.protocol is not Protocol.UDP
        and (each.protocol is Protocol.TCP or (is_tls and covers(each.hostname or "*", host)))
    ]
    listener = max(taking, key=lambda each: len(each.hostname or ""), default=None)
    if listener is None:
        return None
    routes = [each for each in listener.stream_routes if not each.hostnames or _covering(each, host)]
    routes.sort(key=lambda each: -len(max(_covering(each, host), key=len, default="")))
    return listener, next(iter(routes), None)


def _covering(route: StreamRoute, host: str) -> list[str]:
    return [name for name in route.hostnames if covers(name, host)]


def _streamed(
    world: World, gateway: Gateway, listener: Listener, route: StreamRoute | None, *, method: str, url: str
) -> Explanation:
    common: dict[str, Any] = {
        "gateway": f"{gateway.name} at {gateway.address}",
        "listener": f"{listener.name} (port {listener.port}, {listener.span})",
    }
    if route is None:
        return Explanation(method, url, "the connection is closed: no route takes it", **common)
    outcome, targets = _shares(world, route.backends)
    how = "as it is" if listener.protocol is Protocol.TCP or listener.tls.passthrough else "decrypted"
    return Explanation(
        method,
        url,
        f"the connection is passed on {how}: {outcome}" if targets else "the connection is closed: no backend",
        route=route.id,
        owner=str(route.owner),
        place=str(route.span),
        match=", ".join(route.hostnames) or "every name",
        targets=targets,
        **common,
    )


def _mismatch(route: Route, request: _Request) -> str:
    """Why the route's match does not hold; empty when it does."""
    match = route.match
    if not _path_matches(route, request.path):
        return f"wants path {match.path.kind} `{match.path.value}`"
    if match.method is not None and match.method != request.method:
        return f"wants method {match.method}"
    for header in match.headers:
        if not _value_matches(header.kind, header.value, request.headers.get(header.name)):
            return f"wants header {header.name}: {header.value}"
    for parameter in match.query:
        if not _value_matches(parameter.kind, parameter.value, request.query.get(parameter.name)):
            return f"wants query parameter {parameter.name}={parameter.value}"
    if match.grpc and not request.headers.get("content-type", "").startswith("application/grpc"):
        return "wants a gRPC request (content-type: application/grpc)"
    return ""


def _value_matches(kind: ValueMatchKind, wanted: str, value: str | None) -> bool:
    if value is None:
        return False
    return value == wanted if kind is ValueMatchKind.EXACT else _full_match(wanted, value)


def _full_match(pattern: str, text: str, flags: int = 0) -> bool:
    try:
        return re.fullmatch(pattern, text, flags) is not None
    except re.error:  # RE2 has a few forms of its own; Envoy judges them
        return False


def _path_matches(route: Route, path: str) -> bool:
    wanted, value = route.match.path, route.match.path.value
    if wanted.ignore_case and wanted.kind is not PathMatchKind.REGEX:
        path, value = path.lower(), value.lower()
    match wanted.kind:
        case PathMatchKind.EXACT:
            return path == value
        case PathMatchKind.PREFIX:
            bare = value.rstrip("/")
            return path == bare or path.startswith(f"{bare}/")
        case PathMatchKind.REGEX:
            return _full_match(value, path, re.IGNORECASE if wanted.ignore_case else 0)
        case _ as never:
            assert_never(never)


def _outcome(world: World, route: Route) -> tuple[str, tuple[Target, ...]]:
    match route.action:
        case Respond(status=503):
            return f"503, answered by the gateway: {route.owner} or a policy on it has errors (`tidegate check`)", ()
        case Respond(status=status) | Redirect(status=status):
            return f"{status}, answered by the gateway", ()
        case Forward(backends=backends):
            if not sum(each.weight for each in backends):
                return "500: no backend has a weight", ()
            outcome, targets = _shares(world, backends)
            return outcome + (" if its policies let it pass" if route.program is not None else ""), targets
        case _ as never:
            assert_never(never)


def _shares(world: World, backends: tuple[WeightedBackend, ...]) -> tuple[str, tuple[Target, ...]]:
    weighted = [each for each in backends if each.weight]
    total = sum(each.weight for each in weighted)
    targets = tuple(_target(world, each, total) for each in weighted)
    if all(each.backend is None for each in weighted):
        return "500: no backend can be resolved", targets
    if not any(target.endpoints for target in targets):
        return f"503: nothing serves {' or '.join(t.backend for t in targets)}", targets
    return f"forwarded to {' or '.join(t.backend for t in targets)}", targets


def _target(world: World, each: WeightedBackend, total: int) -> Target:
    share = each.weight / total
    match each.backend:
        case None:
            return Target("nothing (500)", share, ())
        case ExternalBackend() as outside:
            return Target(str(outside), share, (outside.host,), tuple(backend_notes(None, each.filters)))
        case BackendId() as id_:
            backend = world.backends[id_]
            endpoints = tuple(f"{e.address}:{e.port}" for e in backend.endpoints)
            if backend.hostname is not None:
                endpoints = (f"{backend.hostname}:{backend.hostname_port}",)
            return Target(str(id_), share, endpoints, tuple(backend_notes(backend, each.filters)))
