"""Backends, TLS and streams written as YAML, for golden cases of the compiler. Unknown keys fail.

Names and words are the model's; what is a tuple there is a list here, and a certificate is its name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.model import (
    Backend,
    BackendProtocol,
    BackendTls,
    Certificate,
    CircuitBreaker,
    ClientValidation,
    GrpcProbe,
    HealthCheck,
    HttpProbe,
    ListenerTls,
    LoadAware,
    LoadBalancing,
    LoadBalancingStrategy,
    ObjectKey,
    ObjectName,
    SlowStart,
    StreamRoute,
    SubjectAltName,
    TcpProbe,
    WeightedBackend,
)
from worlds import backend, span


def read_service(name: str, given: list[int] | dict[str, Any]) -> Backend:
    """Service shop/NAME: its endpoints' ports on loopback, or all of it."""
    if isinstance(given, list):
        return backend(name, *given)
    made = backend(name, *given.pop("endpoints", ()))
    variant = given.pop("variant", "")
    changes: dict[str, Any] = {"id": replace(made.id, variant=variant)} if variant else {}
    if "protocol" in given:
        changes["protocol"] = BackendProtocol(given.pop("protocol"))
    if "hostname" in given:
        changes |= {"hostname": given.pop("hostname"), "hostname_port": given.pop("hostname_port")}
    if "tls" in given:
        changes["tls"] = _backend_tls(given.pop("tls"))
    if "load_balancing" in given:
        changes["load_balancing"] = _load_balancing(given.pop("load_balancing"))
    if "circuit_breaker" in given:
        changes["circuit_breaker"] = CircuitBreaker(**given.pop("circuit_breaker"))
    if "health_check" in given:
        changes["health_check"] = _health_check(given.pop("health_check"))
    if given:
        raise ValueError(f"service {name}: unknown keys {sorted(given)}")
    return replace(made, **changes)


def read_certificate(name: str) -> Certificate:
    """Secret shop/NAME."""
    return Certificate(ObjectName("shop", name), f"chain of {name}", f"key of {name}")


def read_listener_tls(given: dict[str, Any]) -> ListenerTls:
    """A listener's `tls`."""
    validation = given.pop("client_validation", None)
    return ListenerTls(
        **_tuples(given), client_validation=None if validation is None else ClientValidation(**_tuples(validation))
    )


def read_stream(given: dict[str, Any], services: dict[str, Backend]) -> StreamRoute:
    """A TCPRoute, TLSRoute or UDPRoute rule."""
    name = given.pop("name")
    made = StreamRoute(
        id=f"shop/{name}#0",
        hostnames=tuple(given.pop("hosts", ())),
        backends=tuple(
            WeightedBackend(None if target == "none" else services[target].id, weight)
            for target, weight in given.pop("to").items()
        ),
        owner=ObjectKey("gateway.networking.k8s.io", "TLSRoute", "shop", name),
        span=span(given.pop("line", 1)),
    )
    if given:
        raise ValueError(f"stream {name}: unknown keys {sorted(given)}")
    return made


def _backend_tls(given: dict[str, Any]) -> BackendTls:
    roots = given.pop("roots", None)
    names = tuple(SubjectAltName(*pair) for pair in given.pop("names", ()))
    certificate = given.pop("client_certificate", None)
    return BackendTls(
        **given,
        roots=None if roots is None else tuple(roots),
        names=names,
        client_certificate=None if certificate is None else read_certificate(certificate),
    )


def _load_balancing(given: dict[str, Any]) -> LoadBalancing:
    strategy = LoadBalancingStrategy(given.pop("strategy"))
    slow = given.pop("slow_start", None)
    aware = given.pop("load_aware", None)
    if given:
        raise ValueError(f"load_balancing: unknown keys {sorted(given)}")
    return LoadBalancing(
        strategy,
        slow_start=None if slow is None else SlowStart(**slow),
        load_aware=None if aware is None else LoadAware(**_tuples(aware)),
    )


def _health_check(given: dict[str, Any]) -> HealthCheck:
    if "http" in given:
        http = given.pop("http")
        if "statuses" in http:
            http["statuses"] = tuple((first, last) for first, last in http["statuses"])
        return HealthCheck(HttpProbe(**http), **given)
    if "grpc" in given:
        return HealthCheck(GrpcProbe(**given.pop("grpc")), **given)
    given.pop("tcp")
    return HealthCheck(TcpProbe(), **given)


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
