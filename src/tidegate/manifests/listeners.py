"""Gateways and their listeners: who is served, at which address, and what stands in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import references as codes
from tidegate.manifests.certificates import resolve_certificates
from tidegate.manifests.classes import controller_of
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, ListenerSpec
from tidegate.model import Certificate, ObjectName, Protocol


@dataclass(frozen=True)
class ListenerState:
    """One listener of a Gateway that is ours, judged."""

    spec: ListenerSpec
    index: int
    certificates: tuple[Certificate, ...] = ()
    accepted: str = "Accepted"
    """The reason of its Accepted condition, and so on."""
    conflicted: str = "NoConflicts"
    resolved: str = "ResolvedRefs"
    kinds: tuple[str, ...] = ("HTTPRoute",)

    @property
    def takes_routes(self) -> bool:
        return self.accepted == "Accepted" and self.conflicted == "NoConflicts" and bool(self.kinds)

    @property
    def serves(self) -> bool:
        """Whether it opens its port. An HTTPS listener without any certificate cannot."""
        return self.takes_routes and (self.spec.protocol != Protocol.HTTPS or bool(self.certificates))


@dataclass(frozen=True)
class GatewayState:
    """A Gateway that is ours."""

    object: Object[Gateway]
    controller: str
    address: str
    listeners: tuple[ListenerState, ...]
    taken: frozenset[int] = field(default_factory=frozenset)
    """Ports of its address that an older Gateway has."""


def judge_gateways(
    manifests: Manifests, *, bind: str, reserved: Iterable[tuple[str, int]], found: Found
) -> tuple[GatewayState, ...]:
    """Every Gateway that is ours, sorted by name. `reserved` are ports that are taken before (address, port)."""
    states: list[GatewayState] = []
    for gateway in manifests.of(Gateway):
        controller = controller_of(gateway, manifests, found)
        if controller is not None:
            listeners = tuple(
                _judge(gateway, index, manifests, found) for index in range(len(gateway.body.spec.listeners))
            )
            listeners = _without_conflicts(gateway, listeners, found)
            states.append(GatewayState(gateway, controller, "", listeners))
    return _addressed(states, bind=bind, reserved=reserved, found=found)


def _judge(gateway: Object[Gateway], index: int, manifests: Manifests, found: Found) -> ListenerState:
    spec = gateway.body.spec.listeners[index]
    state = ListenerState(spec, index)
    if spec.protocol not in (Protocol.HTTP, Protocol.HTTPS):
        found.add(
            codes.LISTENER_PROTOCOL,
            at=gateway.at("spec", "listeners", index, "protocol"),
            listener=spec.name,
            gateway=gateway.key,
            protocol=f"`{spec.protocol}`",
            label="HTTP and HTTPS are served",
        )
        return replace(state, accepted="UnsupportedProtocol", kinds=())
    if spec.allowed_routes.kinds:
        state = _with_kinds(gateway, state, found)
    if spec.protocol == Protocol.HTTPS:
        certificates, reason = resolve_certificates(gateway, index, manifests, found)
        state = replace(
            state, certificates=certificates, resolved=reason if reason != "ResolvedRefs" else state.resolved
        )
    return state


def _with_kinds(gateway: Object[Gateway], state: ListenerState, found: Found) -> ListenerState:
    kinds = state.spec.allowed_routes.kinds
    served = tuple(sorted({kind.kind for kind in kinds if (kind.group, kind.kind) == (GROUP, "HTTPRoute")}))
    resolved = state.resolved
    for position, kind in enumerate(kinds):
        if (kind.group, kind.kind) != (GROUP, "HTTPRoute"):
            resolved = "InvalidRouteKinds"
            found.add(
                codes.ROUTE_KIND,
                at=gateway.at("spec", "listeners", state.index, "allowedRoutes", "kinds", position),
                listener=state.spec.name,
                gateway=gateway.key,
                kind=f"{kind.kind} of {kind.group}",
                help="HTTPRoute is served",
            )
    return replace(state, kinds=served, resolved=resolved)


def _without_conflicts(
    gateway: Object[Gateway], listeners: tuple[ListenerState, ...], found: Found
) -> tuple[ListenerState, ...]:
    """Gateway API, "Distinct Listeners": none of the listeners in a conflict is accepted, not even the first."""
    names: dict[str, list[int]] = defaultdict(list)
    protocols: dict[int, set[str]] = defaultdict(set)
    hosts: dict[tuple[int, str | None], list[int]] = defaultdict(list)
    for state in listeners:
        names[state.spec.name].append(state.index)
        if state.accepted == "Accepted":
            protocols[state.spec.port].add(state.spec.protocol)
            hosts[state.spec.port, state.spec.hostname].append(state.index)
    conflicts: dict[int, str] = {}
    for state in listeners:
        port = state.spec.port
        same_host = hosts[port, state.spec.hostname]
        if len(names[state.spec.name]) > 1:
            _conflict(gateway, names[state.spec.name], listeners, conflict="have the same name", found=found)
            conflicts[state.index] = "HostnameConflict"
        elif state.accepted == "Accepted" and len(protocols[port]) > 1:
            sharing = [s.index for s in listeners if s.spec.port == port]
            _conflict(gateway, sharing, listeners, conflict="have different protocols", found=found)
            conflicts[state.index] = "ProtocolConflict"
        elif state.accepted == "Accepted" and len(same_host) > 1:
            _conflict(gateway, same_host, listeners, conflict="have the same hostname", found=found)
            conflicts[state.index] = "HostnameConflict"
    return tuple(replace(s, conflicted=conflicts.get(s.index, s.conflicted)) for s in listeners)


def _conflict(
    gateway: Object[Gateway], indexes: list[int], listeners: tuple[ListenerState, ...], *, conflict: str, found: Found
) -> None:
    found.add(
        codes.LISTENER_CONFLICT,
        at=gateway.at("spec", "listeners", indexes[-1]),
        names=" and ".join(f"`{listeners[i].spec.name}`" for i in indexes),
        gateway=gateway.key,
        conflict=conflict,
        port=listeners[indexes[0]].spec.port,
        notes=["the specification lets none of them win, so none is served"],
    )


def _addressed(
    states: list[GatewayState], *, bind: str, reserved: Iterable[tuple[str, int]], found: Found
) -> tuple[GatewayState, ...]:
    """Give each Gateway an address; two that want one port get different loopback addresses.

    Gateways with `spec.addresses` come first, then the oldest; without timestamps, by namespace and name.
    """
    owners: dict[tuple[str, int], ObjectName | None] = dict.fromkeys(reserved)
    placed: dict[ObjectName, GatewayState] = {}
    order = sorted(states, key=lambda s: (not s.object.body.spec.addresses, s.object.age_key))
    for state in order:
        wanted = {s.spec.port for s in state.listeners if s.takes_routes}
        given = state.object.body.spec.addresses
        address = given[0].value if given else _free(bind, wanted, owners)
        taken = frozenset(port for port in wanted if (address, port) in owners)
        for port in taken:
            other = owners[address, port]
            found.add(
                codes.ADDRESS_TAKEN,
                at=state.object.at("spec", "addresses") if given else state.object.at("spec", "listeners"),
                gateway=state.object.key,
                other=f"Gateway {other}" if other else "the API Management gateway",
                port=port,
                address=address,
            )
        owners |= {(address, port): state.object.name for port in wanted - taken}
        listeners = tuple(
            replace(s, accepted="PortUnavailable") if s.spec.port in taken and s.takes_routes else s
            for s in state.listeners
        )
        placed[state.object.name] = replace(state, address=address, taken=taken, listeners=listeners)
    return tuple(placed[name] for name in sorted(placed))


def _free(bind: str, ports: set[int], owners: Mapping[tuple[str, int], ObjectName | None]) -> str:
    """The address to bind to; further loopback addresses only where the given one is a loopback address too."""
    head, _, last = bind.rpartition(".")
    candidates = [bind]
    if bind.startswith("127.") and last.isdigit():
        candidates += [f"{head}.{number}" for number in range(int(last) + 1, 255)]
    for candidate in candidates:
        if not any((candidate, port) in owners for port in ports):
            return candidate
    return bind
