"""The listeners of a Gateway as routes see them: joined with those of its ListenerSets, and placed at its address."""

from __future__ import annotations

from dataclasses import replace

from tidegate.manifests.addresses import Placement, placements
from tidegate.manifests.asking import Ask
from tidegate.manifests.listener_sets import owners_of
from tidegate.manifests.listeners import ListenerId, ListenerState, join_listeners
from tidegate.model import ObjectKey, ObjectName, Protocol


def placement(ask: Ask, name: ObjectName) -> Placement | None:
    """Where one Gateway is bound; None for one that is not ours."""
    return ask.call(placements).get(name)


def listeners_of(ask: Ask, name: ObjectName) -> tuple[ListenerState, ...]:
    """Every listener of a Gateway, in order of precedence; none of a Gateway that is not ours."""
    place = ask.call(placement, name)
    if place is None:
        return ()
    joined = ask.call(join_listeners, name, ask.call(owners_of, name))
    return tuple(_placed(state, place) for state in joined)


def _placed(state: ListenerState, place: Placement) -> ListenerState:
    if state.takes_routes and (state.spec.port, state.spec.protocol == Protocol.UDP) in place.taken:
        message = f"port {state.spec.port} of {place.address} belongs to another Gateway"
        return replace(state, accepted="PortUnavailable", message=message)
    return state


def listener_table(ask: Ask, gateway: ObjectName) -> dict[ListenerId, ListenerState]:
    """The same by id."""
    return {state.id: state for state in ask.call(listeners_of, gateway)}


def listener(ask: Ask, id_: ListenerId) -> ListenerState:
    """One listener. Raises KeyError where there is none: our own mistake."""
    return ask.call(listener_table, id_.gateway)[id_]


def listeners_by_owner(ask: Ask, gateway: ObjectName) -> dict[ObjectKey, tuple[ListenerState, ...]]:
    """The same by the object that they stand in."""
    grouped: dict[ObjectKey, list[ListenerState]] = {}
    for state in ask.call(listeners_of, gateway):
        grouped.setdefault(state.id.owner, []).append(state)
    return {owner: tuple(states) for owner, states in grouped.items()}


def listeners_named(
    ask: Ask, gateway: ObjectName, owner: ObjectKey, section_name: str | None, port: int | None
) -> tuple[ListenerState, ...]:
    """The listeners that a parentRef names: of its Gateway or ListenerSet, by name and port where these are given.

    A query of its own, so that a new listener concerns only routes that may attach to it.
    """
    own = ask.call(listeners_by_owner, gateway).get(owner, ())
    return tuple(s for s in own if section_name in (None, s.spec.name) and port in (None, s.spec.port))
