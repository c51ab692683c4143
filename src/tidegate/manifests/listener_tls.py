"""How a listener speaks TLS: its certificates, and what it asks of the certificates of its clients."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tidegate.manifests.alb import FrontendTls
from tidegate.manifests.asking import Ask
from tidegate.manifests.attached import listener_policy
from tidegate.manifests.certificates import resolve_certificates
from tidegate.manifests.client_validation import ClientState, client_validation
from tidegate.manifests.gateway_listeners import listener
from tidegate.manifests.listeners import ListenerId, find_owner, gateway_key
from tidegate.model import Certificate, ListenerTls, Protocol


@dataclass(frozen=True)
class TlsState:
    """The TLS of one listener."""

    tls: ListenerTls = field(default_factory=ListenerTls)
    certificates: tuple[Certificate, ...] = ()
    usable: bool = True
    """Whether connections can be taken and, where that is asked for, clients be checked."""
    accepted: str = "Accepted"
    """The reason of the listener's Accepted condition, as far as TLS decides it."""
    resolved: str = "ResolvedRefs"
    message: str = ""
    insecure: bool = False
    """Clients without a valid certificate are let in all the same."""


def listener_tls(ask: Ask, id_: ListenerId) -> TlsState:
    """The TLS of a listener; nothing for one that has none."""
    state = ask.call(listener, id_)
    if state.passes_through:
        return TlsState(ListenerTls(passthrough=True))
    if not state.terminates:
        return TlsState()
    owner = find_owner(ask.manifests, id_.owner)
    certificates, resolved, message = resolve_certificates(owner, id_.position, ask)
    served = TlsState(certificates=certificates, usable=bool(certificates), resolved=resolved, message=message)
    if state.spec.protocol == Protocol.HTTPS:
        served = _checking_clients(served, ask.call(client_validation, id_.gateway, state.spec.port))
    # A policy names listeners of its Gateway, not those of a ListenerSet, which may have the same names.
    named = state.spec.name if id_.owner == gateway_key(id_.gateway) else ""
    return _as_policy_says(served, ask.call(listener_policy, id_.gateway, named))


def _as_policy_says(state: TlsState, policy: FrontendTls) -> TlsState:
    if policy.closed:
        reason = state.accepted if state.accepted != "Accepted" else "NoValidCACertificate"
        return replace(state, usable=False, accepted=reason, message=state.message or policy.why_closed)
    if policy.tls is None:
        return state
    # The product's policy asks for certificates where it says so; where it does not, the Gateway may.
    validation = policy.tls.client_validation or state.tls.client_validation
    return replace(
        state,
        tls=replace(policy.tls, client_validation=validation),
        insecure=validation is not None and validation.optional,
    )


def _checking_clients(state: TlsState, clients: ClientState) -> TlsState:
    resolved = state.resolved if state.resolved != "ResolvedRefs" else clients.resolved
    message = state.message or clients.message
    if clients.accepted != "Accepted":
        return replace(state, usable=False, accepted=clients.accepted, resolved=resolved, message=message)
    return replace(
        state,
        tls=replace(state.tls, client_validation=clients.validation),
        resolved=resolved,
        message=message,
        insecure=clients.validation is not None and clients.validation.optional,
    )
