"""Gateways that are ours: their listeners with everything that decides whether each serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.manifests.addresses import Placement, Requested, requested
from tidegate.manifests.asking import Ask
from tidegate.manifests.client_validation import ClientCertificate, client_certificate
from tidegate.manifests.gateway_listeners import listeners_of, placement
from tidegate.manifests.hostnames import covers
from tidegate.manifests.listener_tls import TlsState, listener_tls
from tidegate.manifests.listeners import ListenerState, controller
from tidegate.model import ObjectKey, ObjectName


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
    client: ClientCertificate

    def of(self, owner: ObjectKey) -> tuple[ServedListener, ...]:
        """The listeners that one object declares: the Gateway itself, or one of its ListenerSets."""
        return tuple(each for each in self.listeners if each.state.id.owner == owner)


def gateway_state(ask: Ask, name: ObjectName) -> GatewayState | None:
    """All about one Gateway; None for one that is not ours."""
    served_by, place = ask.call(controller, name), ask.call(placement, name)
    if served_by is None or place is None:
        return None
    listeners, wish = ask.call(listeners_of, name), ask.call(requested, name)
    refused = wish.accepted != "Accepted"
    return GatewayState(
        name,
        served_by,
        place,
        wish,
        tuple(
            ServedListener(state, ask.call(listener_tls, state.id), refused, _overlaps(state, listeners))
            for state in listeners
        ),
        ask.call(client_certificate, name),
    )


def _overlaps(state: ListenerState, listeners: Sequence[ListenerState]) -> tuple[str, ...]:
    """Which others a client may confuse it with that keeps a connection for all names of its certificate."""
    if not state.terminates or not state.takes_routes:
        return ()
    return tuple(
        other.spec.name
        for other in listeners
        if other is not state
        and other.terminates
        and other.takes_routes
        and other.spec.port == state.spec.port
        and _share(state.spec.hostname, other.spec.hostname)
    )


def _share(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return True
    return covers(one, other) or covers(other, one)
