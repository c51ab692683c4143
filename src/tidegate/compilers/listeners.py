"""Listeners of the model to Envoy's: one per address and port, with several of the model's merged by hostname."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tidegate.compilers.hosts import HostRoutes, host_routes
from tidegate.compilers.routes import compile_route, misdirected, unmatched
from tidegate.compilers.server_names import ServerNames, listener_hostname
from tidegate.compilers.streams import connection_proxy, datagram_proxy, first_route, routes_by_server_name
from tidegate.compilers.tls import downstream_secrets, downstream_socket, verifies_clients
from tidegate.envoy.connection_manager import connection_manager
from tidegate.envoy.listeners import listener, plain_filter_chain, tls_filter_chain, udp_listener
from tidegate.envoy.resources import LISTENER, ROUTE, JsonObject, ResourceName
from tidegate.envoy.routes import route_configuration, virtual_host
from tidegate.model import IssuerMetadata, Listener, Protocol, Route

Resource: TypeAlias = tuple[ResourceName, JsonObject]


@dataclass(frozen=True, slots=True)
class Port:
    """Everything that is served on one address and port."""

    address: str
    number: int
    """As bound: with the offset."""
    listeners: tuple[Listener, ...]
    unmatched_body: str

    @property
    def name(self) -> str:
        return f"{self.address}:{self.number}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What holds for every listener."""

    runtime: str
    log_requests: bool
    issuers: Mapping[str, IssuerMetadata]


def compile_port(port: Port, choices: Choices) -> Iterator[Resource]:
    """The listeners of a port with their route configurations and secrets; nothing where no listener can be served.

    Raises ValueError where TCP shares a port with what is told apart by its bytes: such listeners conflict.
    """
    plain = _of(port, Protocol.HTTP)
    # Without a certificate there is no handshake; the listener's status says so (InvalidCertificateRef).
    encrypted = _by_hostname(one for one in port.listeners if _speaks_tls(one))
    tcp = _of(port, Protocol.TCP)
    if tcp and (plain or encrypted):
        raise ValueError(f"port {port.name} cannot serve TCP beside {sorted({one.protocol for one in port.listeners})}")
    chains: list[JsonObject] = []
    if plain:
        name = f"http/{port.name}"
        yield ResourceName(ROUTE, name), route_configuration(name, _virtual_hosts(port, host_routes(plain), choices))
        manager = _manager(name, choices, plain)
        chains.append(plain_filter_chain("http", manager, beside_tls=bool(encrypted)))
    names = ServerNames(encrypted)
    secure_hosts = _hosts_by_listener(encrypted)
    for one in encrypted:
        authorities = f"authorities/{port.name}/{listener_hostname(one)}"
        if one.protocol is Protocol.HTTPS:
            name = f"https/{port.name}/{listener_hostname(one)}"
            others = [listener_hostname(other) for other in encrypted if other is not one]
            hosts = _secure_hosts(port, secure_hosts[listener_hostname(one)], others, choices)
            yield ResourceName(ROUTE, name), route_configuration(name, hosts)
            proxies = {listener_hostname(one): _manager(name, choices, [one])}
        else:
            routes = routes_by_server_name(one, names)
            proxies = {name: connection_proxy(route, log=choices.log_requests) for name, route in routes.items()}
        socket = None
        if not one.tls.passthrough:
            socket = downstream_socket(
                one.tls, one.certificates, authorities=authorities, http=one.protocol is Protocol.HTTPS
            )
            yield from downstream_secrets(one.tls, one.certificates, authorities=authorities)
        for server_name, proxy in proxies.items():
            chain_name = f"{one.protocol.lower()}/{server_name}"
            chains.append(tls_filter_chain(chain_name, server_name, proxy, transport_socket=socket))
    if tcp:
        proxy = connection_proxy(first_route(tcp), log=choices.log_requests)
        chains.append(plain_filter_chain("tcp", proxy, beside_tls=False))
    if chains:
        inspect_tls = bool(encrypted)
        yield (
            ResourceName(LISTENER, port.name),
            listener(port.name, address=port.address, port=port.number, filter_chains=chains, inspect_tls=inspect_tls),
        )
    udp = _of(port, Protocol.UDP)
    if udp:
        name = f"udp/{port.name}"
        proxy = datagram_proxy(first_route(udp), log=choices.log_requests)
        yield (
            ResourceName(LISTENER, name),
            udp_listener(name, address=port.address, port=port.number, proxy=proxy),
        )


def _of(port: Port, protocol: Protocol) -> list[Listener]:
    return [one for one in port.listeners if one.protocol is protocol]


def _speaks_tls(one: Listener) -> bool:
    if one.protocol is Protocol.HTTPS:
        return bool(one.certificates)
    return one.protocol is Protocol.TLS and (one.tls.passthrough or bool(one.certificates))


def _manager(routes: str, choices: Choices, listeners: Iterable[Listener]) -> JsonObject:
    return connection_manager(
        routes=routes,
        runtime=choices.runtime,
        log_requests=choices.log_requests,
        verified_clients=all(verifies_clients(one.tls) for one in listeners),
    )


def _by_hostname(listeners: Iterable[Listener]) -> list[Listener]:
    """One listener per hostname: SNI cannot tell more of them apart.

    Those that speak the same TLS are taken together. Of those that do not, the first is served: what one demands of its
    clients must not be walked around by another.
    """
    merged: dict[str, Listener] = {}
    for one in listeners:
        first = merged.setdefault(listener_hostname(one), one)
        if first is not one and (first.protocol, first.tls) == (one.protocol, one.tls):
            merged[listener_hostname(one)] = replace(
                first,
                certificates=tuple(dict.fromkeys((*first.certificates, *one.certificates))),
                routes=(*first.routes, *one.routes),
                stream_routes=(*first.stream_routes, *one.stream_routes),
            )
    return [merged[name] for name in sorted(merged)]


def _hosts_by_listener(listeners: Sequence[Listener]) -> dict[str, list[HostRoutes]]:
    hosts: dict[str, list[HostRoutes]] = {}
    for host in host_routes(listeners):
        hosts.setdefault(listener_hostname(host.listener), []).append(host)
    return hosts


def _secure_hosts(port: Port, own: Sequence[HostRoutes], others: Sequence[str], choices: Choices) -> list[JsonObject]:
    # RFC 9110 section 15.5.20: a connection made for one listener's hostname carries no other listener's requests.
    foreign = [virtual_host(others, [misdirected()])] if others else []
    return [*_virtual_hosts(port, own, choices), *foreign]


def _virtual_hosts(port: Port, hosts: Sequence[HostRoutes], choices: Choices) -> list[JsonObject]:
    """One virtual host for all hostnames that see the same routes."""
    domains: dict[tuple[Route, ...], list[str]] = {}
    for host in hosts:
        domains.setdefault(host.routes, []).append(host.hostname)
    last = [unmatched(port.unmatched_body)] if port.unmatched_body else []
    return [
        virtual_host(names, [*(one for route in routes for one in compile_route(route, choices.issuers)), *last])
        for routes, names in domains.items()
    ]
