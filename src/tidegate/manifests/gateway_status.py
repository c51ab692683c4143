"""`.status` of a Gateway and of its listeners."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.manifests.conditions import GATEWAY, LISTENER, JsonObject, condition
from tidegate.manifests.listeners import GatewayState, ListenerState
from tidegate.manifests.objects import State
from tidegate.manifests.schema.gateway_api import GROUP


def gateway_status(state: GatewayState, attached_routes: Mapping[int, int]) -> JsonObject:
    """The status; `attached_routes` counts by index of the listener. Programmed is what compiling promises: the shell
    corrects it when Envoy refuses."""
    gateway = state.object
    generation = gateway.newest_generation
    message = ""
    accepted, programmed = "Accepted", "Programmed"
    if gateway.state is not State.ACCEPTED:
        accepted = "Invalid"
        kept = gateway.state is State.KEPT
        programmed = "Programmed" if kept else "Invalid"
        message = f"generation {gateway.generation} goes on" if kept else "its routes answer 503 until it is right"
    elif not all(listener.serves for listener in state.listeners):
        # ListenersNotValid stands with True while at least one listener serves (GatewayReasonListenersNotValid).
        accepted = "ListenersNotValid"
        programmed = "Programmed" if any(listener.serves for listener in state.listeners) else "Invalid"
    accepted_status = accepted == "Accepted" or (
        accepted == "ListenersNotValid" and any(listener.serves for listener in state.listeners)
    )
    return {
        "addresses": [{"type": "IPAddress", "value": state.address}],
        "conditions": [
            condition(
                GATEWAY,
                type="Accepted",
                status=accepted_status,
                reason=accepted,
                generation=generation,
                message=message,
            ),
            condition(
                GATEWAY,
                type="Programmed",
                status=programmed == "Programmed",
                reason=programmed,
                generation=generation,
            ),
        ],
        "listeners": [
            _listener_status(listener, generation=generation, routes=attached_routes.get(listener.index, 0))
            for listener in state.listeners
        ],
    }


def refused_status(generation: int) -> JsonObject:
    """The status of a Gateway of which nothing could be read."""
    return {
        "conditions": [
            condition(GATEWAY, type=type_, status=False, reason="Invalid", generation=generation)
            for type_ in ("Accepted", "Programmed")
        ]
    }


def _listener_status(listener: ListenerState, *, generation: int, routes: int) -> JsonObject:
    programmed = "Programmed" if listener.serves else "Invalid"
    return {
        "name": listener.spec.name,
        "attachedRoutes": routes,
        "supportedKinds": [{"group": GROUP, "kind": kind} for kind in listener.kinds],
        "conditions": [
            condition(
                LISTENER,
                type="Accepted",
                status=listener.accepted == "Accepted",
                reason=listener.accepted,
                generation=generation,
            ),
            condition(
                LISTENER,
                type="Conflicted",
                status=listener.conflicted != "NoConflicts",
                reason=listener.conflicted,
                generation=generation,
            ),
            condition(
                LISTENER,
                type="ResolvedRefs",
                status=listener.resolved == "ResolvedRefs",
                reason=listener.resolved,
                generation=generation,
            ),
            condition(LISTENER, type="Programmed", status=listener.serves, reason=programmed, generation=generation),
        ],
    }
