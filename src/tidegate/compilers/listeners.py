"""Listeners of the model to Envoy's: one per address and port, with several of the model's merged by hostname."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from tidegate.compilers.chains import ChainMaker, Chains, authorities_of, has_programs, plain_table, secure_table
from tidegate.compilers.hosts import own_hostname, owners_of
from tidegate.compilers.streams import datagram_proxy, first_route
from tidegate.compilers.tables import RouteTable, TableFrame, compile_table
from tidegate.compilers.tls import downstream_secrets
from tidegate.envoy.egress import NO_RULES, EgressRules
from tidegate.envoy.listeners import listener, udp_listener
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import LISTENER, JsonObject, ResourceName
from tidegate.model import IssuerMetadata, Listener, Protocol
from tidegate.model.hostnames import EVERY_HOST, covering

Resource: TypeAlias = tuple[ResourceName, JsonObject]

_MOST_LISTED: Final = 128
"""Up to so many hostnames on one port, each knows all others."""


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
    egress: EgressRules = NO_RULES


@dataclass(frozen=True, eq=False, slots=True)
class CompiledPort:
    """What one port came to."""

    frame: tuple[object, ...]
    """Everything that `chains` and `sockets` depend on."""
    chains: Chains
    sockets: tuple[tuple[ResourceName, Part], ...]
    """The listeners, the proxies of their streams, and the secrets of their handshakes."""
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
    frame = tuple(map(_frame, port.listeners))
    if before is not None and before.frame == frame:
        chains, sockets = before.chains, before.sockets
    else:
        maker = _make_chains(port, choices, plain, encrypted, before.chains if before is not None else {})
        chains = maker.made
        kept = dict(before.sockets) if before is not None else {}
        sockets = tuple(
            (name, _as_before(resource, kept.get(name)))
            for name, resource in (*maker.proxies, *_sockets(port, choices, chains, encrypted))
        )
    known: Mapping[str, RouteTable] = before.tables if before is not None else {}
    tables = {
        table.name: compile_table(table, listeners, owners, choices.issuers, known.get(table.name))
        for table, listeners, owners in _tables(port, plain, encrypted)
    }
    unserved = tuple(one for one in port.listeners if _is_unserved(port, one, tables))
    return CompiledPort(frame, chains, sockets, tables, unserved)


def _tables(
    port: Port, plain: Sequence[Listener], encrypted: Sequence[Listener]
) -> Iterator[tuple[TableFrame, Sequence[Listener], Mapping[str, Listener]]]:
    """The route tables to be made: what each is, whose routes it has, and whose the hostnames are."""
    if plain:
        hostnames = tuple(one.hostname for one in plain)
        yield TableFrame(plain_table(port.name), hostnames, (), port.unmatched_body), plain, owners_of(plain)
    owners = owners_of(encrypted)
    foreign = _foreign(tuple(owners))
    for one in encrypted:
        if one.protocol is Protocol.HTTPS:
            others = foreign[own_hostname(one)]
            yield TableFrame(secure_table(port.name, one), (one.hostname,), others, port.unmatched_body), [one], owners


def _foreign(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each hostname of a port: the hosts that a connection made for it must not ask for.

    Gateway API, GatewaySpec.listeners: 421 for a host of another listener, 404 for nobody's. With very many listeners
    to list them all in the table of each would be quadratic: there every foreign host is answered 421, which makes a
    client try again on a connection of its own and be told then.
    """
    if len(names) <= _MOST_LISTED:
        return {name: tuple(other for other in names if other != name) for name in names}
    inside: dict[str, list[str]] = {name: [] for name in names}
    for name in names:
        for wider in covering(name):
            if wider != name and wider in inside:
                inside[wider].append(name)
    return {name: (*within, *(() if name == EVERY_HOST else (EVERY_HOST,))) for name, within in inside.items()}


def _is_unserved(port: Port, one: Listener, tables: Mapping[str, RouteTable]) -> bool:
    """Whether no request can reach its routes."""
    if not one.routes or one.protocol is Protocol.HTTP:
        return False
    table = tables.get(secure_table(port.name, one))
    return table is None or not table.serves(one.routes[0])


def _make_chains(
    port: Port, choices: Choices, plain: Sequence[Listener], encrypted: Sequence[Listener], before: Chains
) -> ChainMaker:
    tcp = _of(port, Protocol.TCP)
    if tcp and (plain or encrypted):
        raise ValueError(f"port {port.name} cannot serve TCP beside {sorted({one.protocol for one in port.listeners})}")
    maker = ChainMaker(port.name, runtime=choices.runtime, log=choices.log_requests, before=before)
    if plain:
        maker.plain_http(plain, beside_tls=bool(encrypted))
    owners = owners_of(encrypted)
    for one in encrypted:
        if one.protocol is Protocol.HTTPS:
            maker.https(one)
        else:
            maker.streams(one, owners)
    if tcp:
        maker.tcp(tcp)
    return maker


def _sockets(port: Port, choices: Choices, chains: Chains, encrypted: Sequence[Listener]) -> Iterator[Resource]:
    """Envoy's listeners, and the secrets of their handshakes."""
    for one in encrypted:
        if not one.tls.passthrough:
            yield from downstream_secrets(one.tls, one.certificates, authorities=authorities_of(port.name, one))
    if chains:
        parts: list[JsonObject] = [chain.part for chain in chains.values()]
        made = listener(
            port.name, address=port.address, port=port.number, filter_chains=parts, inspect_tls=bool(encrypted)
        )
        yield ResourceName(LISTENER, port.name), made
    udp = _of(port, Protocol.UDP)
    if udp:
        name = f"udp/{port.name}"
        proxy = datagram_proxy(first_route(udp), log=choices.log_requests)
        yield ResourceName(LISTENER, name), udp_listener(name, address=port.address, port=port.number, proxy=proxy)


def _frame(one: Listener) -> tuple[object, ...]:
    return (one.protocol, one.hostname, one.certificates, one.tls, one.stream_routes, has_programs(one))


def _as_before(resource: JsonObject, before: Part | None) -> Part:
    """The part that a resource was, if it is what it was."""
    return before if before is not None and before == resource else Part(resource)


def _of(port: Port, protocol: Protocol) -> list[Listener]:
    return [one for one in port.listeners if one.protocol is protocol]


def _speaks_tls(one: Listener) -> bool:
    if one.protocol is Protocol.HTTPS:
        return bool(one.certificates)
    return one.protocol is Protocol.TLS and (one.tls.passthrough or bool(one.certificates))


def _by_hostname(listeners: Iterable[Listener]) -> list[Listener]:
    """One listener per hostname: SNI cannot tell more of them apart.

    Those that speak the same TLS are taken together. Of those that do not, the first is served: what one demands of its
    clients must not be walked around by another.
    """
    merged: dict[str, Listener] = {}
    for one in listeners:
        first = merged.setdefault(own_hostname(one), one)
        if first is not one and (first.protocol, first.tls) == (one.protocol, one.tls):
            merged[own_hostname(one)] = replace(
                first,
                certificates=tuple(dict.fromkeys((*first.certificates, *one.certificates))),
                routes=(*first.routes, *one.routes),
                stream_routes=(*first.stream_routes, *one.stream_routes),
            )
    return [merged[name] for name in sorted(merged)]
