"""ListenerSets: which of them join a Gateway, and in which order (GEP-1713)."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics.codes import listeners as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.asking import Ask
from tidegate.manifests.listeners import controller, find_gateway, gateway_key
from tidegate.manifests.namespaces import lets_in
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, ListenerSet
from tidegate.model import ObjectKey, ObjectName


@dataclass(frozen=True)
class Joining:
    """What became of a ListenerSet's wish to join a Gateway."""

    gateway: ObjectName | None
    """None: no Gateway of ours is meant."""
    accepted: str
    """The reason of its Accepted condition, as far as the Gateway decides it."""
    message: str = ""
    told: bool = True
    """Whether a status of ours tells it: not where the Gateway is somebody else's."""

    @property
    def allowed(self) -> bool:
        return self.accepted == "Accepted"


def joining(ask: Ask, key: ObjectKey) -> Joining:
    """Whether a ListenerSet may join the Gateway that it names."""
    listener_set = ask.manifests.get(ListenerSet, group=GROUP, namespace=key.namespace, name=key.name)
    if listener_set is None:
        return Joining(None, "NotAllowed")
    reference = listener_set.body.spec.parent_ref
    name = ObjectName(reference.namespace or key.namespace, reference.name)
    if (reference.group, reference.kind) != (GROUP, "Gateway"):
        ask.found.add(
            codes.LISTENER_SET_PARENT,
            at=listener_set.at("spec", "parentRef", "kind"),
            listener_set=key,
            parent=f"{reference.kind} {name}",
            problem="is no Gateway",
        )
        return Joining(None, "NotAllowed", f"{reference.kind} {name} is no Gateway")
    gateway = find_gateway(ask.manifests, name)
    if gateway is None:
        if ask.manifests.is_refused(gateway_key(name)):
            return Joining(None, "ParentNotAccepted", f"Gateway {name} is malformed")
        known = [g.key.name for g in ask.manifests.in_namespace(Gateway, name.namespace)]
        ask.found.add(
            codes.LISTENER_SET_PARENT,
            at=listener_set.at("spec", "parentRef", "name"),
            listener_set=key,
            parent=f"Gateway {name}",
            problem="does not exist",
            help=did_you_mean(name.name, known),
        )
        return Joining(None, "ParentNotAccepted", f"Gateway {name} does not exist")
    if ask.call(controller, name) is None:
        return Joining(None, "ParentNotAccepted", told=False)
    return _allowed(ask, listener_set, gateway)


def _allowed(ask: Ask, listener_set: Object[ListenerSet], gateway: Object[Gateway]) -> Joining:
    namespaces = gateway.body.spec.allowed_listeners.namespaces
    own, other = listener_set.key.namespace, gateway.key.namespace
    if lets_in(ask.manifests, namespaces.from_, namespaces.selector, namespace=own, of=other):
        return Joining(gateway.name, "Accepted")
    ask.found.add(
        codes.LISTENER_SET_NOT_ALLOWED,
        at=listener_set.at("spec", "parentRef"),
        listener_set=listener_set.key,
        gateway=gateway.key,
        namespace=own,
        help="set `allowedListeners.namespaces.from` of the Gateway to Same, All or Selector",
        notes=["a Gateway that does not say so lets no ListenerSet in"],
    )
    return Joining(gateway.name, "NotAllowed", f"{gateway.key} lets no ListenerSet of namespace {own} in")


def sets_by_gateway(ask: Ask) -> dict[ObjectName, tuple[ObjectKey, ...]]:
    """The ListenerSets that join each Gateway, in order of precedence: the oldest first, then by name."""
    joined: dict[ObjectName, list[ObjectKey]] = {}
    for each in sorted(ask.manifests.of(ListenerSet), key=lambda o: o.age_key):
        state = ask.call(joining, each.key)
        if state.gateway is not None and state.allowed:
            joined.setdefault(state.gateway, []).append(each.key)
    return {gateway: tuple(keys) for gateway, keys in sorted(joined.items())}


def owners_of(ask: Ask, gateway: ObjectName) -> tuple[ObjectKey, ...]:
    """The objects whose listeners a Gateway serves: itself, then its ListenerSets."""
    return (gateway_key(gateway), *ask.call(sets_by_gateway).get(gateway, ()))
