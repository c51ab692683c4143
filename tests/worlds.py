"""Small worlds for tests of the compiler and of what it is served to."""

from __future__ import annotations

from typing import Any

from tidegate.compilers import CompiledResources, compile_world
from tidegate.diagnostics import Span
from tidegate.model import (
    Backend,
    BackendId,
    Endpoint,
    ExternalBackend,
    Forward,
    Gateway,
    HeaderMatch,
    Listener,
    ObjectKey,
    ObjectName,
    PathMatch,
    PathMatchKind,
    Protocol,
    Redirect,
    Respond,
    Route,
    RouteMatch,
    WeightedBackend,
    World,
)


def span(line: int = 1) -> Span:
    """A line of the shop's file."""
    return Span("shop.yaml", line, 1, line, 9)


def backend(name: str, *ports: int, port: int = 80) -> Backend:
    """Service shop/NAME with endpoints on loopback."""
    return Backend(
        BackendId(ObjectName("shop", name), port),
        tuple(Endpoint("127.0.0.1", number) for number in sorted(ports)),
        audience=f"{name}.shop.svc",
    )


def forward(*to: Backend | ExternalBackend | None, weights: tuple[int, ...] = (), **more: Any) -> Forward:
    """To these backends, by weight; None does not resolve."""
    targets = [one.id if isinstance(one, Backend) else one for one in to]
    return Forward(
        tuple(WeightedBackend(one, weight) for one, weight in zip(targets, weights or (1,) * len(to), strict=True)),
        **more,
    )


def route(
    name: str,
    action: Forward | Redirect | Respond,
    *,
    path: str | PathMatch = "/",
    hosts: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
    method: str | None = None,
    line: int = 1,
    **more: Any,
) -> Route:
    """HTTPRoute shop/NAME, its only match; a path is a prefix unless it says otherwise."""
    return Route(
        id=f"shop/{name}#0.0",
        hostnames=hosts,
        match=RouteMatch(
            PathMatch(PathMatchKind.PREFIX, path) if isinstance(path, str) else path,
            tuple(HeaderMatch(key, value) for key, value in (headers or {}).items()),
            method,
        ),
        action=action,
        owner=ObjectKey("gateway.networking.k8s.io", "HTTPRoute", "shop", name),
        span=span(line),
        **more,
    )


def http(*routes: Route, hostname: str | None = None, name: str = "http", port: int = 80) -> Listener:
    """A plain listener."""
    return Listener(name, port, Protocol.HTTP, hostname, (), routes, span())


def world(*listeners: Listener, backends: tuple[Backend, ...] = (), unmatched_body: str = "") -> World:
    """Gateway shop/edge on 127.0.0.1."""
    gateway = Gateway(ObjectName("shop", "edge"), "127.0.0.1", listeners, span(), unmatched_body)
    return World(gateways=(gateway,), backends={one.id: one for one in backends})


def compiled(this: World, **more: Any) -> CompiledResources:
    """Compile with the usual choices."""
    choices: dict[str, Any] = {"port_offset": 8000, "log_requests": False, "runtime": "", "issuers": {}}
    return compile_world(this, **(choices | more))
