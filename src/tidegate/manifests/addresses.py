"""Addresses of Gateways: which one each binds to, and who has a port.

Two Gateways that want one port get different loopback addresses; `spec.addresses` wins.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics.codes import listeners as codes
from tidegate.diagnostics.codes import references as reference_codes
from tidegate.manifests.artifacts import reserved
from tidegate.manifests.asking import Ask
from tidegate.manifests.listener_sets import owners_of
from tidegate.manifests.listeners import controller, find_gateway, join_listeners
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.gateway_api import Gateway, GatewayAddress
from tidegate.model import ObjectName, Protocol

ALB_FRONTEND: Final = "alb.networking.azure.io/alb-frontend"
"""Names a frontend of Application Gateway for Containers; here, any address that is free."""

_NOWHERE: Final = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
"""Addresses for documentation (RFC 5737, RFC 3849): no machine has them."""

Claim = tuple[str, int, bool]
"""An address, a port, and whether it is one of datagrams."""


@dataclass(frozen=True)
class Requested:
    """What `spec.addresses` comes to."""

    address: str | None = None
    """The one to bind to; None: any that is free."""
    accepted: str = "Accepted"
    """The reason of the Gateway's Accepted condition."""
    programmed: str = "Programmed"
    message: str = ""


@dataclass(frozen=True)
class Placement:
    """Where a Gateway's listeners are bound."""

    address: str
    taken: frozenset[tuple[int, bool]] = frozenset()
    """Ports of the address (and whether of datagrams) that another has."""


def requested(ask: Ask, name: ObjectName) -> Requested:
    """Judge the addresses that a Gateway asks for."""
    gateway = find_gateway(ask.manifests, name)
    if gateway is None or not gateway.body.spec.addresses:
        return Requested()
    usable: list[str] = []
    verdict = Requested()
    for index, each in enumerate(gateway.body.spec.addresses):
        problem = _problem(each)
        if problem is None and each.value and each.type == "IPAddress":
            usable.append(str(ipaddress.ip_address(each.value)))
            if len(usable) > 1:
                problem = ("AddressNotUsable", f"a Gateway is served at one address here, at {usable[0]}")
        if problem is not None and verdict.accepted == "Accepted":
            reason, why = problem
            shown = f"{each.type} {each.value}".strip()
            message = f"{shown}: {why}"
            _report(ask, gateway, index, shown, why)
            if reason == "UnsupportedAddress":
                verdict = Requested(accepted=reason, programmed="Invalid", message=message)
            else:
                verdict = Requested(programmed=reason, message=message)
    return Requested(usable[0] if usable else None, verdict.accepted, verdict.programmed, verdict.message)


def _problem(address: GatewayAddress) -> tuple[str, str] | None:
    """The reason and the words for an address that cannot be had."""
    if address.type == ALB_FRONTEND:
        return None
    if address.type != "IPAddress":
        return "UnsupportedAddress", "only addresses of type IPAddress can be bound to"
    if not address.value:
        return None
    ip = ipaddress.ip_address(address.value)
    if ip.is_multicast or ip.is_reserved or any(ip.version == n.version and ip in n for n in _NOWHERE):
        return "AddressNotUsable", "no machine can have this address"
    return None


def _report(ask: Ask, gateway: Object[Gateway], index: int, shown: str, why: str) -> None:
    ask.found.add(
        codes.ADDRESS_UNUSABLE,
        at=gateway.at("spec", "addresses", index),
        gateway=gateway.key,
        address=shown,
        problem=why,
        help="leave `addresses` out: a loopback address is chosen",
    )


def wanted_ports(ask: Ask, name: ObjectName) -> tuple[tuple[int, bool], ...]:
    """The ports that a Gateway's valid listeners want, and whether they are of datagrams; sorted."""
    if ask.call(requested, name).accepted != "Accepted":
        return ()
    listeners = ask.call(join_listeners, name, ask.call(owners_of, name))
    return tuple(sorted({(s.spec.port, s.spec.protocol == Protocol.UDP) for s in listeners if s.takes_routes}))


def served_gateways(ask: Ask) -> tuple[ObjectName, ...]:
    """The Gateways that are ours, sorted by name."""
    names = (ObjectName(key.namespace, key.name) for key in ask.manifests.keys(Gateway))
    return tuple(name for name in names if ask.call(controller, name) is not None)


def placements(ask: Ask) -> dict[ObjectName, Placement]:
    """Give each Gateway an address.

    Gateways with an address of their own come first, then the oldest; without timestamps, by namespace and name.
    """
    owners: dict[Claim, str] = {}
    for address, port in ask.call(reserved):
        owners[address, port, False] = "the API Management gateway"
    gateways = [(find_gateway(ask.manifests, name), ask.call(requested, name)) for name in ask.call(served_gateways)]
    order = sorted(
        ((gateway, wish) for gateway, wish in gateways if gateway is not None),
        key=lambda each: (each[1].address is None, each[0].age_key),
    )
    bind = ask.bind
    placed: dict[ObjectName, Placement] = {}
    for gateway, wish in order:
        wanted = ask.call(wanted_ports, gateway.name)
        address = wish.address or _free(bind, wanted, owners)
        taken = frozenset(claim for claim in wanted if (address, *claim) in owners)
        for port, datagrams in sorted(taken):
            ask.found.add(
                reference_codes.ADDRESS_TAKEN,
                at=gateway.at("spec", "addresses") if wish.address else gateway.at("spec", "listeners"),
                gateway=gateway.key,
                other=owners[address, port, datagrams],
                port=port,
                address=address,
            )
        owners |= {(address, *claim): f"Gateway {gateway.name}" for claim in wanted if claim not in taken}
        placed[gateway.name] = Placement(address, taken)
    return dict(sorted(placed.items()))


def _free(bind: str, ports: tuple[tuple[int, bool], ...], owners: Mapping[Claim, str]) -> str:
    """The address to bind to; further loopback addresses only where the given one is a loopback address too."""
    head, _, last = bind.rpartition(".")
    candidates = [bind]
    if bind.startswith("127.") and last.isdigit():
        candidates += [f"{head}.{number}" for number in range(int(last) + 1, 255)]
    for candidate in candidates:
        if not any((candidate, *claim) in owners for claim in ports):
            return candidate
    return bind
