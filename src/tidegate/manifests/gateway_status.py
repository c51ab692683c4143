"""`.status` of Gateways, of ListenerSets, and of their listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tidegate.manifests.conditions import (
    GATEWAY,
    LISTENER,
    LISTENER_SET,
    LISTENER_SET_ENTRY,
    JsonObject,
    Table,
    condition,
)
from tidegate.manifests.gateways import GatewayState, ServedListener
from tidegate.manifests.listener_sets import Joining
from tidegate.manifests.listeners import NO_CONFLICTS, ListenerId
from tidegate.manifests.objects import Object, State
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, ListenerSet
from tidegate.sources import Mapping as Node

_PARTLY: Final = "not served: "


def gateway_status(
    state: GatewayState,
    gateway: Object[Gateway],
    own: Sequence[ServedListener],
    attached_routes: Mapping[ListenerId, int],
    *,
    sets: int,
) -> JsonObject:
    """The status, with the Gateway's own listeners; `sets` counts the ListenerSets that have joined. Programmed is what
    compiling promises: the shell corrects it when Envoy refuses."""
    generation = gateway.newest_generation
    accepted, accepted_status, programmed, message = _gateway_reasons(state, gateway, own)
    accepted_here = state.requested.accepted == "Accepted"
    resolved, resolved_message = state.client.resolved, state.client.message
    if resolved == "ResolvedRefs" and any(each.resolved != "ResolvedRefs" for each in own):
        resolved = "ListenersNotResolved"
        names = [f"`{each.state.spec.name}`" for each in own if each.resolved != "ResolvedRefs"]
        resolved_message = f"of listeners {', '.join(names)}"
    conditions = [
        condition(
            GATEWAY,
            type="Accepted",
            status=accepted_status,
            reason=accepted,
            generation=generation,
            message=message if accepted != "Accepted" else "",
        ),
        condition(
            GATEWAY,
            type="Programmed",
            status=programmed == "Programmed",
            reason=programmed,
            generation=generation,
            message=message if programmed != "Programmed" else "",
        ),
        condition(
            GATEWAY,
            type="ResolvedRefs",
            status=resolved == "ResolvedRefs",
            reason=resolved,
            generation=generation,
            message=resolved_message,
        ),
    ]
    if any(each.tls.insecure for each in state.listeners):
        conditions.append(
            condition(
                GATEWAY,
                type="InsecureFrontendValidationMode",
                status=True,
                reason="ConfigurationChanged",
                generation=generation,
                message="clients without a valid certificate are let in (AllowInsecureFallback)",
            )
        )
    return {
        "addresses": [{"type": "IPAddress", "value": state.placement.address}] if accepted_here else [],
        "attachedListenerSets": sets,
        "conditions": conditions,
        "listeners": [_listener_status(each, LISTENER, generation, attached_routes) for each in own],
    }


def _gateway_reasons(
    state: GatewayState, gateway: Object[Gateway], own: Sequence[ServedListener]
) -> tuple[str, bool, str, str]:
    """Reason and status of Accepted, reason of Programmed, and what the message says."""
    if gateway.state is not State.ACCEPTED:
        kept = gateway.state is State.KEPT
        message = f"generation {gateway.generation} goes on" if kept else "its routes answer 503 until it is right"
        reason = "InvalidParameters" if _has_parameters(gateway) else "Invalid"
        return reason, False, "Programmed" if kept else "Invalid", message
    if state.requested.accepted != "Accepted":
        return state.requested.accepted, False, "Invalid", state.requested.message
    serving = any(each.serves for each in own)
    programmed = state.requested.programmed if serving else "Invalid"
    faulty = [each for each in own if not each.serves]
    if not faulty:
        return "Accepted", True, programmed, state.requested.message
    # ListenersNotValid stands with True while at least one listener serves (GatewayReasonListenersNotValid).
    names = ", ".join(f"`{each.state.spec.name}`" for each in faulty)
    return "ListenersNotValid", serving, programmed, f"not served: {names}"


def _has_parameters(gateway: Object[Gateway]) -> bool:
    """Whether the malformed version names parameters: nothing here has any (GatewayInfrastructure.parametersRef)."""
    spec = gateway.malformed.get("spec") if gateway.malformed is not None else None
    infrastructure = spec.get("infrastructure") if isinstance(spec, Node) else None
    return isinstance(infrastructure, Node) and infrastructure.get("parametersRef") is not None


def refused_status(generation: int) -> JsonObject:
    """The status of a Gateway or ListenerSet of which nothing could be read."""
    return {
        "conditions": [
            condition(GATEWAY, type=type_, status=False, reason="Invalid", generation=generation)
            for type_ in ("Accepted", "Programmed")
        ]
    }


def listener_set_status(
    listener_set: Object[ListenerSet],
    joining: Joining,
    own: Sequence[ServedListener],
    attached_routes: Mapping[ListenerId, int],
    *,
    parent_accepted: bool,
) -> JsonObject:
    """The status of a ListenerSet; without listeners where it may not join a Gateway."""
    generation = listener_set.newest_generation
    accepted, programmed, message = _set_reasons(listener_set, joining, own, parent_accepted=parent_accepted)
    return {
        "conditions": [
            condition(
                LISTENER_SET,
                type=type_,
                status=reason in ("Accepted", "Programmed") or (type_ == "Accepted" and message.startswith(_PARTLY)),
                reason=reason,
                generation=generation,
                message=message,
            )
            for type_, reason in (("Accepted", accepted), ("Programmed", programmed))
        ],
        "listeners": [_listener_status(each, LISTENER_SET_ENTRY, generation, attached_routes) for each in own],
    }


def _set_reasons(
    listener_set: Object[ListenerSet], joining: Joining, own: Sequence[ServedListener], *, parent_accepted: bool
) -> tuple[str, str, str]:
    """The reasons of Accepted and Programmed, and what the message says."""
    if listener_set.state is not State.ACCEPTED:
        kept = listener_set.state is State.KEPT
        if kept:
            return "Invalid", "Programmed", f"generation {listener_set.generation} goes on"
        return "Invalid", "Invalid", "its routes answer 503 until it is right"
    if not joining.allowed:
        reason = joining.accepted
        return reason, "NotAllowed" if reason == "NotAllowed" else "ParentNotProgrammed", joining.message
    if not parent_accepted:
        return "ParentNotAccepted", "ParentNotProgrammed", "its Gateway is not accepted"
    faulty = [each for each in own if not each.serves]
    if not faulty:
        return "Accepted", "Programmed", ""
    names = ", ".join(f"`{each.state.spec.name}`" for each in faulty)
    if len(faulty) == len(own):
        return "ListenersNotValid", "ListenersNotValid", f"none is served: {names}"
    return "ListenersNotValid", "Programmed", f"{_PARTLY}{names}"


def _listener_status(
    listener: ServedListener, table: Table, generation: int, attached_routes: Mapping[ListenerId, int]
) -> JsonObject:
    state = listener.state
    programmed = "Programmed" if listener.serves else "Invalid"
    if state.conflicted != NO_CONFLICTS:
        programmed = state.conflicted
    elif state.accepted == "PortUnavailable" and table is LISTENER_SET_ENTRY:
        programmed = "PortUnavailable"
    accepted, resolved = listener.accepted, listener.resolved
    return {
        "name": state.spec.name,
        "attachedRoutes": attached_routes.get(state.id, 0),
        "supportedKinds": [{"group": GROUP, "kind": kind} for kind in state.kinds],
        "conditions": [
            condition(
                table,
                type="Accepted",
                status=accepted == "Accepted",
                reason=accepted,
                generation=generation,
                message=(state.message or listener.tls.message) if accepted != "Accepted" else "",
            ),
            condition(
                table,
                type="Conflicted",
                status=state.conflicted != NO_CONFLICTS,
                reason=state.conflicted,
                generation=generation,
                message=state.message if state.conflicted != NO_CONFLICTS else "",
            ),
            condition(
                table,
                type="ResolvedRefs",
                status=resolved == "ResolvedRefs",
                reason=resolved,
                generation=generation,
                message=_resolved_message(listener),
            ),
            condition(table, type="Programmed", status=listener.serves, reason=programmed, generation=generation),
            *_overlapping(listener, table, generation),
        ],
    }


def _resolved_message(listener: ServedListener) -> str:
    if listener.tls.resolved != "ResolvedRefs":
        return listener.tls.message
    return listener.state.message if listener.state.resolved != "ResolvedRefs" else ""


def _overlapping(listener: ServedListener, table: Table, generation: int) -> list[JsonObject]:
    """OverlappingTLSConfig, which is there only where it is True."""
    if not listener.overlaps:
        return []
    return [
        condition(
            table,
            type="OverlappingTLSConfig",
            status=True,
            reason="OverlappingHostnames",
            generation=generation,
            message=f"with {', '.join(f'`{name}`' for name in listener.overlaps)}; a request on a connection for "
            "another name is answered with 421",
        )
    ]
