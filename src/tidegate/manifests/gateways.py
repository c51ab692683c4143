"""Gateways that are ours: their listeners with everything that decides whether each serves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from tidegate.manifests.addresses import Placement, Requested, requested
from tidegate.manifests.asking import Ask
from tidegate.manifests.client_validation import ClientCertificate, check_ports, client_certificate
from tidegate.manifests.gateway_listeners import listener, listeners_by_owner, listeners_of, placement
from tidegate.manifests.listener_tls import TlsState, listener_tls
from tidegate.manifests.listeners import ListenerId, ListenerState, controller
from tidegate.model import ObjectKey, ObjectName, Protocol
from tidegate.model.hostnames import EVERY_HOST, covering


@dataclass(frozen=True)
class ServedListener:
    """A listener and its TLS."""

    state: ListenerState
    tls: TlsState
    refused: bool = False
    """Its Gateway is not accepted."""
    overlaps: tuple[str, ...] = ()
    """Listeners of the same port with TLS whose hostnames it shares in part (OverlappingTLSConfig)."""

    @property
    def serves(self) -> bool:
        """Whether it opens its port. One that terminates TLS cannot without a certificate; one that is to check its
        clients' certificates must not without anything to check them against."""
        return self.state.takes_routes and self.tls.usable and not self.refused

    @property
    def accepted(self) -> str:
        """The reason of its Accepted condition. What is in conflict is not accepted ("Distinct Listeners")."""
        if self.state.accepted != "Accepted":
            return self.state.accepted
        return self.tls.accepted if self.state.valid else self.state.conflicted

    @property
    def resolved(self) -> str:
        """The reason of its ResolvedRefs condition."""
        return self.tls.resolved if self.tls.resolved != "ResolvedRefs" else self.state.resolved


@dataclass(frozen=True)
class GatewayState:
    """A Gateway that is ours."""

    name: ObjectName
    controller: str
    placement: Placement
    requested: Requested
    listeners: tuple[ServedListener, ...]
    """Those of its ListenerSets too."""
    client: ClientCertificate


def gateway_state(ask: Ask, name: ObjectName) -> GatewayState | None:
    """All about one Gateway; None for one that is not ours."""
    served_by, place = ask.call(controller, name), ask.call(placement, name)
    if served_by is None or place is None:
        return None
    states = ask.call(listeners_of, name)
    check_ports(ask, name, frozenset(state.spec.port for state in states if state.spec.protocol == Protocol.HTTPS))
    return GatewayState(
        name,
        served_by,
        place,
        ask.call(requested, name),
        tuple(ask.call(served_listener, state.id) for state in states),
        ask.call(client_certificate, name),
    )


def served_listener(ask: Ask, id_: ListenerId) -> ServedListener:
    """One listener of a Gateway that is ours. Raises KeyError where there is none: our own mistake."""
    refused = ask.call(requested, id_.gateway).accepted != "Accepted"
    overlaps = ask.call(overlapping, id_.gateway).get(id_, ())
    return ServedListener(ask.call(listener, id_), ask.call(listener_tls, id_), refused, overlaps)


def served_of(ask: Ask, gateway: ObjectName, owner: ObjectKey) -> tuple[ServedListener, ...]:
    """The listeners that one object declares: the Gateway itself, or one of its ListenerSets."""
    own = ask.call(listeners_by_owner, gateway).get(owner, ())
    return tuple(ask.call(served_listener, state.id) for state in own)


def overlapping(ask: Ask, gateway: ObjectName) -> dict[ListenerId, tuple[str, ...]]:
    """Which listeners a client may confuse that keeps a connection for all names of its certificate."""
    states = [s for s in ask.call(listeners_of, gateway) if s.terminates and s.takes_routes]
    hosts = {(s.spec.port, _host(s)): s for s in states}
    pairs: dict[ListenerId, list[ListenerState]] = {}
    for state in states:
        for around in islice(covering(_host(state)), 1, None):
            other = hosts.get((state.spec.port, around))
            if other is not None:
                pairs.setdefault(state.id, []).append(other)
                pairs.setdefault(other.id, []).append(state)
    return {id_: tuple(sorted(other.name for other in others)) for id_, others in pairs.items()}


def _host(state: ListenerState) -> str:
    return (state.spec.hostname or EVERY_HOST).lower()
