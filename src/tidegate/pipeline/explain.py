"""Which listener, route, policy steps and backend a request would meet, and why not the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from urllib.parse import urlsplit

from tidegate.compilers.hosts import HostRoutes, covers, host_routes
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
    StepSummary,
    WeightedBackend,
    World,
)
from tidegate.pipeline.compilation import Compilation, Settings

_MOST_LOSERS = 10


@dataclass(frozen=True, slots=True)
class Loser:
    """A route that the request does not meet."""

    route: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a share of the requests goes."""

    backend: str
    share: float
    endpoints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One request through a world. Empty texts where it does not come so far."""

    method: str
    url: str
    outcome: str
    """In one sentence."""
    gateway: str = ""
    listener: str = ""
    hostname: str = ""
    route: str = ""
    owner: str = ""
    place: str = ""
    match: str = ""
    steps: tuple[StepSummary, ...] = ()
    targets: tuple[Target, ...] = ()
    losers: tuple[Loser, ...] = ()

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.method} {self.url}"
        for name, value in (
            ("gateway", self.gateway),
            ("listener", self.listener),
            ("host", self.hostname),
            ("route", f"{self.route}  ({self.owner}, {self.place})" if self.route else ""),
            ("match", self.match),
        ):
            if value:
                yield f"  {name:<9} {value}"
        for step in self.steps:
            yield f"  {step.section:<9} {step.text}  ({step.span})"
        for target in self.targets:
            where = ", ".join(target.endpoints) or "no endpoints"
            yield f"  backend   {target.backend}  {target.share:.0%}  {where}"
        yield f"  outcome   {self.outcome}"
        if self.losers:
            yield "  not met:"
        for loser in self.losers[:_MOST_LOSERS]:
            yield f"    {loser.route}  {loser.reason}  ({loser.place})"
        if len(self.losers) > _MOST_LOSERS:
            yield f"    and {len(self.losers) - _MOST_LOSERS} more"

    def to_text(self) -> str:
        return "\n".join(self.lines()) + "\n"

    def to_json(self) -> dict[str, Any]:
        """For programs; the names are API."""
        return {
            "method": self.method,
            "url": self.url,
            "outcome": self.outcome,
            "gateway": self.gateway,
            "listener": self.listener,
            "hostname": self.hostname,
            "route": self.route,
            "owner": self.owner,
            "place": self.place,
            "match": self.match,
            "steps": [{"section": s.section, "text": s.text, "place": str(s.span)} for s in self.steps],
            "targets": [{"backend": t.backend, "share": t.share, "endpoints": list(t.endpoints)} for t in self.targets],
            "notMet": [{"route": each.route, "reason": each.reason, "place": each.place} for each in self.losers],
        }


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
    if any((each.protocol is Protocol.HTTPS) != (parts.scheme == "https") for each in listeners):
        return Explanation(method, url, f"port {port} speaks {listeners[0].protocol}", gateway=str(gateway.name))
    at_host = _host_routes(listeners, host)
    if at_host is None:
        return Explanation(method, url, f"no listener serves host `{host}`: 404", gateway=str(gateway.name))
    return _routed(world, gateway, at_host, method=method, url=url, path=parts.path or "/", headers=asked)


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


def _routed(
    world: World,
    gateway: Gateway,
    at_host: HostRoutes,
    *,
    method: str,
    url: str,
    path: str,
    headers: Mapping[str, str],
) -> Explanation:
    winner: Route | None = None
    losers: list[Loser] = []
    for route in at_host.routes:
        reason = _mismatch(route, method, path, headers)
        if not reason and winner is not None:
            reason = f"{winner.id} comes first"
        if reason:
            losers.append(Loser(route.id, str(route.span), reason))
        else:
            winner = route
    common: dict[str, Any] = {
        "gateway": f"{gateway.name} at {gateway.address}",
        "listener": f"{at_host.listener.name} (port {at_host.listener.port}, {at_host.listener.span})",
        "hostname": at_host.hostname,
        "losers": tuple(losers),
    }
    if winner is None:
        return Explanation(method, url, "404: no route matches", **common)
    outcome, targets = _outcome(world, winner)
    return Explanation(
        method,
        url,
        outcome,
        route=winner.id,
        owner=str(winner.owner),
        place=str(winner.span),
        match=_show_match(winner),
        steps=winner.program.steps if winner.program is not None else (),
        targets=targets,
        **common,
    )


def _mismatch(route: Route, method: str, path: str, headers: Mapping[str, str]) -> str:
    """Why the route's match does not hold; empty when it does."""
    match = route.match
    if not _path_matches(route, path):
        return f"wants path {match.path.kind} `{match.path.value}`"
    if match.method is not None and match.method != method:
        return f"wants method {match.method}"
    for header in match.headers:
        if headers.get(header.name) != header.value:
            return f"wants header {header.name}: {header.value}"
    return ""


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
            try:
                return re.fullmatch(value, path, re.IGNORECASE if wanted.ignore_case else 0) is not None
            except re.error:  # RE2 has a few forms of its own; Envoy judges them
                return False
        case _ as never:
            assert_never(never)


def _show_match(route: Route) -> str:
    match = route.match
    parts = [match.method or "any method", f"{match.path.kind} {match.path.value}"]
    parts += [f"{header.name}: {header.value}" for header in match.headers]
    return ", ".join(parts)


def _outcome(world: World, route: Route) -> tuple[str, tuple[Target, ...]]:
    match route.action:
        case Respond(status=503):
            return f"503, answered by the gateway: {route.owner} or a policy on it has errors (`tidegate check`)", ()
        case Respond(status=status) | Redirect(status=status):
            return f"{status}, answered by the gateway", ()
        case Forward(backends=backends):
            total = sum(each.weight for each in backends)
            if not total:
                return "500: no backend has a weight", ()
            targets = tuple(_target(world, each, total) for each in backends if each.weight)
            after = " if its policies let it pass" if route.program is not None else ""
            if all(each.backend is None for each in backends if each.weight):
                return f"500: no backend can be resolved{after}", targets
            if not any(target.endpoints for target in targets):
                return f"503: nothing serves {' or '.join(t.backend for t in targets)}{after}", targets
            return f"forwarded to {' or '.join(t.backend for t in targets)}{after}", targets
        case _ as never:
            assert_never(never)


def _target(world: World, each: WeightedBackend, total: int) -> Target:
    share = each.weight / total
    match each.backend:
        case None:
            return Target("nothing (500)", share, ())
        case ExternalBackend() as outside:
            return Target(str(outside), share, (outside.host,))
        case BackendId() as id_:
            endpoints = world.backends[id_].endpoints
            return Target(str(id_), share, tuple(f"{e.address}:{e.port}" for e in endpoints))
