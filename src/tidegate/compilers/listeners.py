"""Listeners of the model to Envoy's: one per address and port, with several of the model's merged by hostname."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tidegate.compilers.hosts import EVERY_HOST, HostRoutes, host_routes
from tidegate.compilers.routes import compile_route, misdirected, unmatched
from tidegate.envoy.connection_manager import connection_manager
from tidegate.envoy.listeners import listener, plain_filter_chain, tls_filter_chain
from tidegate.envoy.resources import LISTENER, ROUTE, SECRET, JsonObject, ResourceName
from tidegate.envoy.routes import route_configuration, virtual_host
from tidegate.envoy.secrets import certificate_secret
from tidegate.model import Certificate, IssuerMetadata, Listener, Protocol, Route

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
    """The listener with its route configurations and certificates; nothing where no listener can be served."""
    plain = [one for one in port.listeners if one.protocol is Protocol.HTTP]
    # Without a certificate there is no handshake; the listener's status says so (InvalidCertificateRef).
    secure = _by_hostname(one for one in port.listeners if one.protocol is Protocol.HTTPS and one.certificates)
    chains: list[JsonObject] = []
    if plain:
        name = f"http/{port.name}"
        yield ResourceName(ROUTE, name), route_configuration(name, _virtual_hosts(port, host_routes(plain), choices))
        chains.append(plain_filter_chain(_manager(name, choices), beside_tls=bool(secure)))
    for one in secure:
        name = f"https/{port.name}/{hostname(one)}"
        yield ResourceName(ROUTE, name), route_configuration(name, _secure_hosts(port, one, secure, choices))
        yield from (_certificate(certificate) for certificate in one.certificates)
        certificates = [certificate_name(certificate) for certificate in one.certificates]
        chains.append(tls_filter_chain(one.hostname, _manager(name, choices), certificates=certificates))
    if chains:
        yield (
            ResourceName(LISTENER, port.name),
            listener(port.name, address=port.address, port=port.number, filter_chains=chains, inspect_tls=bool(secure)),
        )


def hostname(one: Listener) -> str:
    """The listener's hostname, `*` for every host."""
    return one.hostname or EVERY_HOST


def certificate_name(certificate: Certificate) -> str:
    """The name of the secret that holds a certificate."""
    return f"certificate/{certificate.name}"


def _certificate(certificate: Certificate) -> Resource:
    name = certificate_name(certificate)
    secret = certificate_secret(name, chain_pem=certificate.chain_pem, key_pem=certificate.key_pem)
    return ResourceName(SECRET, name), secret


def _manager(routes: str, choices: Choices) -> JsonObject:
    return connection_manager(routes=routes, runtime=choices.runtime, log_requests=choices.log_requests)


def _by_hostname(listeners: Iterable[Listener]) -> list[Listener]:
    """One listener per hostname: SNI cannot tell more of them apart."""
    merged: dict[str, Listener] = {}
    for one in listeners:
        first = merged.get(hostname(one))
        if first is None:
            merged[hostname(one)] = one
        else:
            certificates = tuple(dict.fromkeys((*first.certificates, *one.certificates)))
            merged[hostname(one)] = replace(first, certificates=certificates, routes=(*first.routes, *one.routes))
    return [merged[name] for name in sorted(merged)]


def _secure_hosts(port: Port, one: Listener, secure: Sequence[Listener], choices: Choices) -> list[JsonObject]:
    own = [host for host in host_routes(secure) if host.listener is one]
    # RFC 9110 section 15.5.20: a connection made for one listener's hostname carries no other listener's requests.
    others = [hostname(other) for other in secure if other is not one]
    return [*_virtual_hosts(port, own, choices), *(virtual_host([other], [misdirected()]) for other in others)]


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
