"""Gateways' listeners, and those that ListenerSets add to them: which are valid, and which are in each other's way.

A listener may be refused for itself (its protocol), for others (conflicts), or for its port (another Gateway has it).
What concerns its certificates is told apart, in `listener_tls`: routes attach to a listener without any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeAlias

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import listeners as codes
from tidegate.diagnostics.codes import references as reference_codes
from tidegate.manifests.asking import Ask
from tidegate.manifests.classes import controller_of
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.route_kinds import kinds_of
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, ListenerSet, ListenerSpec
from tidegate.model import ObjectKey, ObjectName, Protocol

Owner: TypeAlias = Object[Gateway] | Object[ListenerSet]

NO_CONFLICTS: Final = "NoConflicts"
NAME_TAKEN: Final = "have the same name"

_FAMILY: Final = {
    Protocol.HTTP: "http",
    Protocol.HTTPS: "tls",
    Protocol.TLS: "tls",
    Protocol.TCP: "tcp",
    Protocol.UDP: "udp",
}
"""Of listeners on one port, those of one family can be told apart by hostname (http, tls); the others are alone."""


class ListenerId(NamedTuple):
    """One listener."""

    gateway: ObjectName
    """Whose addresses it binds to."""
    owner: ObjectKey
    """The Gateway, or a ListenerSet."""
    position: int
    """Among the owner's listeners."""


@dataclass(frozen=True)
class ListenerState:
    """One listener of a Gateway that is ours, judged."""

    id: ListenerId
    name: str
    """Unique in its Gateway (if the author's names are): `namespace/listenerset/listener` for a ListenerSet's."""
    spec: ListenerSpec
    kinds: tuple[str, ...]
    """Kinds of routes that it takes (supportedKinds)."""
    accepted: str = "Accepted"
    """The reason of its Accepted condition, and so on."""
    conflicted: str = NO_CONFLICTS
    resolved: str = "ResolvedRefs"
    message: str = ""
    """Of the condition that is not as it should be."""

    @property
    def valid(self) -> bool:
        """Whether it is accepted and in nobody's way."""
        return self.accepted == "Accepted" and self.conflicted == NO_CONFLICTS

    @property
    def takes_routes(self) -> bool:
        return self.valid and bool(self.kinds)

    @property
    def terminates(self) -> bool:
        """Whether it needs a certificate."""
        if self.spec.protocol == Protocol.HTTPS:
            return True
        return self.spec.protocol == Protocol.TLS and not self.passes_through

    @property
    def passes_through(self) -> bool:
        return self.spec.protocol == Protocol.TLS and self.spec.tls is not None and self.spec.tls.mode == "Passthrough"

    def conflicting(self, reason: str, message: str) -> ListenerState:
        return replace(self, conflicted=reason, message=message)


def gateway_key(name: ObjectName) -> ObjectKey:
    return ObjectKey(GROUP, "Gateway", name.namespace, name.name)


def find_gateway(manifests: Manifests, name: ObjectName) -> Object[Gateway] | None:
    return manifests.get(Gateway, group=GROUP, namespace=name.namespace, name=name.name)


def find_owner(manifests: Manifests, key: ObjectKey) -> Owner:
    """The Gateway or ListenerSet that a listener stands in. Raises KeyError where there is none: our own mistake."""
    schema: type[Gateway | ListenerSet] = Gateway if key.kind == "Gateway" else ListenerSet
    found = manifests.get(schema, group=GROUP, namespace=key.namespace, name=key.name)
    if found is None:
        raise KeyError(key)
    return found  # type: ignore[return-value]  # the schema's object


def listener_place(owner: Owner, index: int, *path: str | int) -> Span:
    return owner.at("spec", "listeners", index, *path)


def controller(ask: Ask, name: ObjectName) -> str | None:
    """The controller that serves a Gateway, None when it is not ours or not there."""
    gateway = find_gateway(ask.manifests, name)
    return controller_of(gateway, ask.manifests, ask.found) if gateway is not None else None


def judged_listeners(ask: Ask, gateway: ObjectName, owner: ObjectKey) -> tuple[ListenerState, ...]:
    """The listeners that one object declares, each judged by itself."""
    declared = find_owner(ask.manifests, owner)
    return tuple(_judge(ask, declared, gateway, index) for index in range(len(declared.body.spec.listeners)))


def own_listeners(
    ask: Ask, gateway: ObjectName, owner: ObjectKey, beaten: tuple[int, ...] = ()
) -> tuple[ListenerState, ...]:
    """The listeners that one object declares, judged among each other too. Those at the positions `beaten` have lost
    to another object's and are in nobody's way."""
    declared = find_owner(ask.manifests, owner)
    return _without_own_conflicts(ask, declared, ask.call(judged_listeners, gateway, owner), beaten)


def join_listeners(ask: Ask, gateway: ObjectName, owners: Sequence[ObjectKey]) -> tuple[ListenerState, ...]:
    """The listeners of a Gateway and of its ListenerSets, in order of precedence: a conflict hits the later only
    (GEP-1713, "Listener Precedence")."""
    joined: list[ListenerState] = []
    claims = _Claims()
    for owner in owners:
        judged = ask.call(judged_listeners, gateway, owner)
        beaten = tuple(s.id.position for s in judged if s.valid and claims.in_the_way_of(s) is not None)
        own = [_after(ask, state, claims) for state in ask.call(own_listeners, gateway, owner, beaten)]
        for state in own:
            if state.id.position not in beaten:
                claims.add(state)
        joined += own
    return tuple(joined)


def _judge(ask: Ask, owner: Owner, gateway: ObjectName, index: int) -> ListenerState:
    spec = owner.body.spec.listeners[index]
    name = spec.name if owner.key.kind == "Gateway" else f"{owner.key.namespace}/{owner.key.name}/{spec.name}"
    state = ListenerState(ListenerId(gateway, owner.key, index), name, spec, kinds_of(spec))
    if not state.kinds:
        ask.found.add(
            reference_codes.LISTENER_PROTOCOL,
            at=listener_place(owner, index, "protocol"),
            listener=spec.name,
            gateway=owner.key,
            protocol=f"`{spec.protocol}`",
            label="HTTP, HTTPS, TLS, TCP and UDP are served",
        )
        message = f"protocol {spec.protocol} is not served; HTTP, HTTPS, TLS, TCP and UDP are"
        return replace(state, accepted="UnsupportedProtocol", message=message)
    return _with_kinds(ask, owner, state) if spec.allowed_routes.kinds else state


def _with_kinds(ask: Ask, owner: Owner, state: ListenerState) -> ListenerState:
    """ListenerStatus.supportedKinds: of the kinds allowed, those that the protocol takes."""
    refused = []
    served = set()
    for position, kind in enumerate(state.spec.allowed_routes.kinds):
        if kind.group == GROUP and kind.kind in state.kinds:
            served.add(kind.kind)
            continue
        refused.append(kind.kind)
        ask.found.add(
            reference_codes.ROUTE_KIND,
            at=listener_place(owner, state.id.position, "allowedRoutes", "kinds", position),
            listener=state.spec.name,
            gateway=owner.key,
            kind=f"{kind.kind} of {kind.group}",
            help=f"protocol {state.spec.protocol} takes {' and '.join(state.kinds)}",
        )
    if not refused:
        return replace(state, kinds=tuple(sorted(served)))
    message = f"protocol {state.spec.protocol} does not take {' and '.join(refused)}"
    return replace(state, kinds=tuple(sorted(served)), resolved="InvalidRouteKinds", message=message)


def _in_the_way(one: ListenerSpec, other: ListenerSpec) -> str:
    """Why two listeners cannot both be there; "" when they can (Gateway API, "Distinct Listeners")."""
    families = _FAMILY.get(one.protocol), _FAMILY.get(other.protocol)  # type: ignore[call-overload]  # names of the enum
    if one.port != other.port or None in families:
        return ""
    if families[0] != families[1]:
        # Datagrams and connections have ports of their own.
        return "" if "udp" in families else "ProtocolConflict"
    if families[0] in ("tcp", "udp"):
        return "ProtocolConflict"
    if _host(one) != _host(other):
        return ""
    return "HostnameConflict" if one.protocol == other.protocol else "ProtocolConflict"


_WORDS: Final = {
    "HostnameConflict": "have the same hostname",
    "ProtocolConflict": "have protocols that exclude each other",
}
_ALIKE: Final = "take the same traffic"


def _without_own_conflicts(
    ask: Ask, owner: Owner, states: Sequence[ListenerState], beaten: tuple[int, ...]
) -> tuple[ListenerState, ...]:
    """ "Distinct Listeners": none of the listeners in a conflict is accepted, not even the first."""
    judged = list(states)
    rivals = [s for s in states if s.id.position not in beaten]
    for index, state in enumerate(states):
        same_name = [s for s in states if s.spec.name == state.spec.name]
        if len(same_name) > 1:
            judged[index] = state.conflicting("HostnameConflict", f"several listeners are named `{state.spec.name}`")
            _report(ask, owner, same_name, NAME_TAKEN)
            continue
        if state.accepted != "Accepted" or index in beaten:
            continue
        for reason in ("ProtocolConflict", "HostnameConflict"):
            others = [s for s in rivals if s is not state and _in_the_way(state.spec, s.spec) == reason]
            if others:
                names = ", ".join(f"`{s.spec.name}`" for s in others)
                judged[index] = state.conflicting(reason, f"in conflict with {names} on port {state.spec.port}")
                alike = state.spec.protocol == others[0].spec.protocol and reason == "ProtocolConflict"
                words = _ALIKE if alike else _WORDS[reason]
                _report(ask, owner, sorted((state, *others), key=lambda s: s.id.position), words)
                break
    return tuple(judged)


def _report(ask: Ask, owner: Owner, states: Sequence[ListenerState], conflict: str) -> None:
    ask.found.add(
        reference_codes.LISTENER_CONFLICT,
        at=listener_place(owner, states[-1].id.position),
        names=" and ".join(f"`{state.spec.name}`" for state in states),
        gateway=owner.key,
        conflict=conflict,
        port=states[0].spec.port,
        notes=["the specification lets none of them win, so none is served"],
    )


class _Claims:
    """What listeners of objects that come before have. What they claim is taken also where they are in a conflict of
    their own: their mistake must not hand their hostname to somebody else."""

    def __init__(self) -> None:
        self._families: dict[int, dict[str, ListenerState]] = {}
        self._hosts: dict[tuple[int, str, str], ListenerState] = {}

    def add(self, state: ListenerState) -> None:
        if state.accepted == "Accepted":
            family, port = _FAMILY[Protocol(state.spec.protocol)], state.spec.port
            self._families.setdefault(port, {}).setdefault(family, state)
            self._hosts.setdefault((port, family, _host(state.spec)), state)

    def in_the_way_of(self, state: ListenerState) -> ListenerState | None:
        """The first that a listener of another object cannot stand beside."""
        family, port = _FAMILY[Protocol(state.spec.protocol)], state.spec.port
        at_port = self._families.get(port, {})
        for other in at_port.values():
            if _in_the_way(state.spec, other.spec) == "ProtocolConflict":
                return other
        return self._hosts.get((port, family, _host(state.spec)))


def _host(spec: ListenerSpec) -> str:
    return (spec.hostname or "").lower()


def _after(ask: Ask, state: ListenerState, claims: _Claims) -> ListenerState:
    """A listener behind those of objects that come before it."""
    other = claims.in_the_way_of(state) if state.valid else None
    if other is None:
        return state
    owner = find_owner(ask.manifests, state.id.owner)
    ask.found.add(
        codes.LISTENER_TAKEN,
        at=listener_place(owner, state.id.position),
        listener=state.spec.name,
        owner=owner.key,
        other=f"listener `{other.spec.name}` of {other.id.owner}",
        port=state.spec.port,
        notes=["a Gateway's own listeners come first, then ListenerSets, the oldest first"],
    )
    return state.conflicting(
        _in_the_way(state.spec, other.spec),
        f"port {state.spec.port} or its hostname is taken by an earlier listener",
    )


def gateway_serves(ask: Ask, name: ObjectName) -> bool:
    """Whether a Gateway's version may serve requests: a malformed one without a good version before answers 503."""
    gateway = find_gateway(ask.manifests, name)
    return gateway is not None and gateway.serves
