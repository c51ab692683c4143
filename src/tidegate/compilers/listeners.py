"""Listeners of the model to Envoy's: one per address and port, with several of the model's merged by hostname."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tidegate.compilers.hosts import owners_of
from tidegate.compilers.server_names import ServerNames, listener_hostname
from tidegate.compilers.streams import connection_proxy, datagram_proxy, first_route, routes_by_server_name
from tidegate.compilers.tables import RouteTable, TableFrame, compile_table
from tidegate.compilers.tls import downstream_secrets, downstream_socket, verifies_clients
from tidegate.envoy.connection_manager import connection_manager
from tidegate.envoy.listeners import listener, plain_filter_chain, tls_filter_chain, udp_listener
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import LISTENER, JsonObject, ResourceName
from tidegate.model import IssuerMetadata, Listener, Protocol

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
    system_roots: str


@dataclass(frozen=True, eq=False, slots=True)
class CompiledPort:
    """What one port came to."""

    frame: tuple[object, ...]
    """Everything that `sockets` depend on."""
    sockets: tuple[tuple[ResourceName, Part], ...]
    """The listeners and their secrets."""
    tables: Mapping[str, RouteTable]
    unserved: tuple[Listener, ...]
    """Listeners whose routes no request can reach."""


def compile_port(port: Port, choices: Choices, before: CompiledPort | None) -> CompiledPort:
    """The listeners of a port with their route configurations and secrets; nothing where no listener can be served.

    `before` is what the port came to the last time, with the same choices.
    Raises ValueError where TCP shares a port with what is told apart by its bytes: such listeners conflict.
    """
    plain = _of(port, Protocol.HTTP)
    # Without a certificate there is no handshake; the listener's status says so (InvalidCertificateRef).
    encrypted = _by_hostname(one for one in port.listeners if _speaks_tls(one))
    frame = tuple((one.protocol, one.hostname, one.certificates, one.tls, one.stream_routes) for one in port.listeners)
    if before is not None and before.frame == frame:
        sockets = before.sockets
    else:
        sockets = tuple((name, Part(resource)) for name, resource in _sockets(port, choices, plain, encrypted))
    known: Mapping[str, RouteTable] = before.tables if before is not None else {}
    tables = {
        table.name: compile_table(table, listeners, owners, choices.issuers, known.get(table.name))
        for table, listeners, owners in _tables(port, plain, encrypted)
    }
    return CompiledPort(frame, sockets, tables, tuple(one for one in port.listeners if _is_unserved(port, one, tables)))


def _tables(
    port: Port, plain: Sequence[Listener], encrypted: Sequence[Listener]
) -> Iterator[tuple[TableFrame, Sequence[Listener], Mapping[str, Listener]]]:
    """The route tables to be made: what each is, whose routes it has, and whose the hostnames are."""
    if plain:
        hostnames = tuple(one.hostname for one in plain)
        yield TableFrame(f"http/{port.name}", hostnames, (), port.unmatched_body), plain, owners_of(plain)
    owners = owners_of(encrypted)
    names = tuple(owners)
    for index, one in enumerate(encrypted):
        if one.protocol is Protocol.HTTPS:
            others = names[:index] + names[index + 1 :]
            yield TableFrame(_secure_table(port, one), (one.hostname,), others, port.unmatched_body), [one], owners


def _is_unserved(port: Port, one: Listener, tables: Mapping[str, RouteTable]) -> bool:
    """Whether no request can reach its routes."""
    if not one.routes or one.protocol is Protocol.HTTP:
        return False
    table = tables.get(_secure_table(port, one))
    return table is None or not table.serves(one.routes[0])


def _secure_table(port: Port, one: Listener) -> str:
    return f"https/{port.name}/{listener_hostname(one)}"


def _sockets(
    port: Port, choices: Choices, plain: Sequence[Listener], encrypted: Sequence[Listener]
) -> Iterator[Resource]:
    """Envoy's listeners, and the secrets of their handshakes."""
    tcp = _of(port, Protocol.TCP)
    if tcp and (plain or encrypted):
        raise ValueError(f"port {port.name} cannot serve TCP beside {sorted({one.protocol for one in port.listeners})}")
    chains: list[JsonObject] = []
    if plain:
        manager = _manager(f"http/{port.name}", choices, plain)
        chains.append(plain_filter_chain("http", manager, beside_tls=bool(encrypted)))
    names = ServerNames(encrypted)
    for one in encrypted:
        authorities = f"authorities/{port.name}/{listener_hostname(one)}"
        if one.protocol is Protocol.HTTPS:
            proxies = {listener_hostname(one): _manager(_secure_table(port, one), choices, [one])}
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
