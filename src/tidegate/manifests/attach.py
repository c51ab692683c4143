"""Routes to listeners (Gateway API, "Route attachment"): which parents a route reaches, and at which hostnames.

Only what decides attachment is looked at: the route's parentRefs and hostnames, the listeners, the labels of its
namespace. Where its rules send, and what its policies are, is worked out apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.diagnostics.codes import listeners as listener_codes
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.asking import Ask
from tidegate.manifests.gateway_listeners import listeners_named, listeners_of
from tidegate.manifests.hostnames import intersect
from tidegate.manifests.listener_sets import joining
from tidegate.manifests.listeners import ListenerId, ListenerState, controller
from tidegate.manifests.namespaces import lets_in
from tidegate.manifests.objects import Object, State
from tidegate.manifests.route_kinds import AnyRoute, find_route, hostnames_of, parents_of
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, ListenerSet
from tidegate.model import ObjectKey, ObjectName


@dataclass(frozen=True)
class Met:
    """A listener that a route reaches."""

    listener: ListenerId
    hostnames: tuple[str, ...]
    """At which; () is every host."""


@dataclass(frozen=True)
class Parent:
    """What one parentRef of a route comes to."""

    index: int
    controller: str
    gateway: ObjectName
    accepted: str
    """The reason of the Accepted condition."""
    message: str = ""
    met: tuple[Met, ...] = ()


@dataclass(frozen=True)
class _Meant:
    """The parent that a parentRef names."""

    gateway: ObjectName
    controller: str
    owner: ObjectKey


def attachments(ask: Ask, key: ObjectKey) -> tuple[Parent, ...]:
    """Every parentRef of a route that means a Gateway of ours, or a ListenerSet of one."""
    route = find_route(ask.manifests, key)
    if route is None:
        return ()
    references = parents_of(route)
    if not references:
        ask.found.add(codes.NO_PARENT, at=route.at("metadata", "name"), route=key)
    parents = []
    for index in range(len(references)):
        meant = _meant(ask, route, index)
        if meant is not None:
            parents.append(_attach(ask, route, index, meant))
    return tuple(parents)


def reached(parents: Sequence[Parent]) -> dict[ListenerId, Met]:
    """The listeners that a route reaches, each once, whichever parentRef names it first."""
    listeners: dict[ListenerId, Met] = {}
    for parent in parents:
        for met in parent.met:
            listeners.setdefault(met.listener, met)
    return listeners


def _meant(ask: Ask, route: Object[AnyRoute], index: int) -> _Meant | None:
    parent = parents_of(route)[index]
    name = ObjectName(parent.namespace or route.key.namespace, parent.name)
    key = ObjectKey(parent.group, parent.kind, name.namespace, name.name)
    if parent.group != GROUP or parent.kind not in ("Gateway", "ListenerSet"):
        ask.found.add(
            codes.PARENT_NOT_FOUND,
            at=route.at("spec", "parentRefs", index, "kind"),
            route=route.key,
            parent=f"{parent.kind} {name}",
            problem="Tidegate does not serve; it serves Gateways and ListenerSets",
        )
        return None
    gateway: ObjectName | None = name
    if parent.kind == "ListenerSet":
        gateway = ask.call(joining, key).gateway
    served_by = ask.call(controller, gateway) if gateway is not None else None
    if gateway is not None and served_by is not None:
        return _Meant(gateway, served_by, key)
    schema: type[Gateway | ListenerSet] = Gateway if parent.kind == "Gateway" else ListenerSet
    exists = ask.manifests.get(schema, group=GROUP, namespace=name.namespace, name=name.name) is not None
    if not exists and not ask.manifests.is_refused(key):
        ask.found.add(
            codes.PARENT_NOT_FOUND,
            at=route.at("spec", "parentRefs", index, "name"),
            route=route.key,
            parent=key,
            problem="does not exist",
            help=did_you_mean(parent.name, [o.key.name for o in ask.manifests.in_namespace(schema, name.namespace)])
            or _elsewhere(ask, schema, name),
        )
    return None


def _elsewhere(ask: Ask, schema: type[Gateway | ListenerSet], name: ObjectName) -> str:
    """People forget that a parentRef without a namespace means the route's own."""
    there = next((key for key in ask.manifests.keys(schema) if key.name == name.name), None)
    return f"{there} exists: add `namespace: {there.namespace}` to the parentRef" if there is not None else ""


def _attach(ask: Ask, route: Object[AnyRoute], index: int, meant: _Meant) -> Parent:
    """The listeners that one parentRef reaches, or the reason why there is none."""
    reference = parents_of(route)[index]
    named = ask.call(listeners_named, meant.gateway, meant.owner, reference.section_name, reference.port)

    def refuse(reason: str, message: str) -> Parent:
        return Parent(index, meant.controller, meant.gateway, reason, message)

    if not named:
        return refuse("NoMatchingParent", _report_unnamed(ask, route, index, meant))
    usable = [state for state in named if state.takes_routes]
    if not usable:  # the listeners' own findings say why
        return refuse("NotAllowedByListeners", f"no listener of {meant.owner} is in order")
    of_kind = [state for state in usable if route.key.kind in state.kinds]
    allowed = [state for state in of_kind if _allows(ask, state, route)]
    if not allowed:
        return refuse("NotAllowedByListeners", _report_not_allowed(ask, route, index, meant, usable, of_kind))
    met = [(state, intersect(_hostname(state), hostnames_of(route))) for state in allowed]
    found = tuple(Met(state.id, hostnames) for state, hostnames in met if hostnames is not None)
    if not found:
        served = ", ".join(sorted({state.spec.hostname or "*" for state in allowed}))
        ask.found.add(
            codes.HOSTNAME_NO_MATCH,
            at=route.at("spec", "hostnames"),
            gateway=meant.owner,
            route=route.key,
            label=f"served are {served}",
        )
        return refuse("NoMatchingListenerHostname", f"{meant.owner} serves {served}")
    return Parent(index, meant.controller, meant.gateway, "Accepted", met=found)


def _hostname(state: ListenerState) -> str | None:
    return state.spec.hostname.lower() if state.spec.hostname else None


def _allows(ask: Ask, state: ListenerState, route: Object[AnyRoute]) -> bool:
    """AllowedRoutes.namespaces; Same is the namespace of the object that the listener stands in."""
    namespaces = state.spec.allowed_routes.namespaces
    own = route.key.namespace
    return lets_in(ask.manifests, namespaces.from_, namespaces.selector, namespace=own, of=state.id.owner.namespace)


def _report_unnamed(ask: Ask, route: Object[AnyRoute], index: int, meant: _Meant) -> str:
    reference = parents_of(route)[index]
    wanted = f"listener `{reference.section_name}`" if reference.section_name else "a listener"
    wanted += f" on port {reference.port}" if reference.port else ""
    known = [s.spec.name for s in ask.call(listeners_of, meant.gateway) if s.id.owner == meant.owner]
    if not known:
        return f"{meant.owner} has no listener"  # a ListenerSet that may not join; its own finding says it
    ask.found.add(
        codes.LISTENER_NOT_FOUND,
        at=route.at("spec", "parentRefs", index, "sectionName" if reference.section_name else "port"),
        route=route.key,
        wanted=wanted,
        gateway=meant.owner,
        help=did_you_mean(reference.section_name or "", known) or f"it has {', '.join(f'`{n}`' for n in known)}",
    )
    return f"{meant.owner} has no {wanted.removeprefix('a ')}"


def _report_not_allowed(
    ask: Ask,
    route: Object[AnyRoute],
    index: int,
    meant: _Meant,
    usable: Sequence[ListenerState],
    of_kind: Sequence[ListenerState],
) -> str:
    place = route.at("spec", "parentRefs", index)
    names = " and ".join(f"`{state.spec.name}`" for state in of_kind or usable)
    if not of_kind:
        taken = sorted({kind for state in usable for kind in state.kinds})
        ask.found.add(
            listener_codes.ROUTE_KIND_NOT_ALLOWED,
            at=place,
            gateway=meant.owner,
            kind=route.key.kind,
            listeners=names,
            help=f"{names} take{'' if len(usable) > 1 else 's'} {' and '.join(taken)}",
        )
        return f"{route.key.kind} is no kind that {names} takes"
    ask.found.add(
        codes.ROUTE_NOT_ALLOWED,
        at=place,
        gateway=meant.owner,
        namespace=route.key.namespace,
        listeners=names,
        help="set `allowedRoutes.namespaces.from` of the listener to All, or move the route",
    )
    return f"{names} lets no route of namespace {route.key.namespace} in"


def parent_reference(route: Object[AnyRoute], index: int) -> dict[str, str | int]:
    """A parentRef as a status shows it."""
    parent = parents_of(route)[index]
    shown: dict[str, str | int] = {
        "group": parent.group,
        "kind": parent.kind,
        "namespace": parent.namespace or route.key.namespace,
        "name": parent.name,
    }
    if parent.section_name:
        shown["sectionName"] = parent.section_name
    if parent.port:
        shown["port"] = parent.port
    return shown


def counts(route: Object[AnyRoute]) -> bool:
    """Whether attachedRoutes counts a route that reaches a listener: only one that is accepted."""
    return route.state is State.ACCEPTED
