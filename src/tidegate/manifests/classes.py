"""GatewayClasses: which Gateways are ours to serve, and under which controller's name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.conditions import GATEWAY_CLASS, JsonObject, condition
from tidegate.manifests.objects import Manifests, Object, State
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, GatewayClass
from tidegate.manifests.schema.gateway_api.features import SUPPORTED
from tidegate.model import ObjectKey

TIDEGATE: Final = "tidegate.dev/gateway-controller"
ALB: Final = "alb.networking.azure.io/alb-controller"
OURS: Final = frozenset((TIDEGATE, ALB))

_KNOWN: Final[Mapping[str, str]] = MappingProxyType({"tidegate": TIDEGATE, "azure-alb-external": ALB})
"""Classes that exist without a file: ours, and the one that Application Gateway for Containers installs."""
_MISTAKEN: Final[Mapping[str, str]] = MappingProxyType({"azure-alb": "azure-alb-external"})
"""A name that published walkthroughs have wrong."""


def controller_of(gateway: Object[Gateway], manifests: Manifests, found: Found) -> str | None:
    """The controller that serves a Gateway; None when it is not ours."""
    name = gateway.body.spec.gateway_class_name
    place = gateway.at("spec", "gatewayClassName")
    declared = manifests.get(GatewayClass, group=GROUP, namespace="", name=name)
    if declared is not None:
        if not declared.serves:
            return None  # told where the class is; its Gateways are not at fault
        controller = declared.body.spec.controller_name
        if controller in OURS:
            return controller
        found.add(codes.CLASS_FOREIGN, at=place, gateway=gateway.key, controller=f"`{controller}`")
        return None
    if ObjectKey(GROUP, "GatewayClass", "", name) in manifests.refused:
        return None
    if name in _KNOWN:
        if name != "tidegate":
            found.add(codes.CLASS_ASSUMED, at=place, name=name, gateway=gateway.key, controller=f"`{_KNOWN[name]}`")
        return _KNOWN[name]
    if name in _MISTAKEN:
        meant = _MISTAKEN[name]
        found.add(codes.CLASS_MISTAKEN, at=place, gateway=gateway.key, name=name, meant=meant, help=f"write `{meant}`")
        return _KNOWN[meant]
    declared_names = [c.key.name for c in manifests.of(GatewayClass)]
    found.add(
        codes.CLASS_UNKNOWN,
        at=place,
        gateway=gateway.key,
        name=name,
        help=did_you_mean(name, [*declared_names, *_KNOWN]) or "the class `tidegate` always exists",
    )
    return None


def class_statuses(manifests: Manifests) -> dict[ObjectKey, JsonObject]:
    """`.status` of the GatewayClasses that are ours."""
    return {
        each.key: {
            "conditions": [
                condition(
                    GATEWAY_CLASS,
                    type="Accepted",
                    status=each.state is State.ACCEPTED,
                    # All that a class can say wrongly, but for whose it is, are its parameters and words beside them.
                    reason="Accepted" if each.state is State.ACCEPTED else "InvalidParameters",
                    generation=each.newest_generation,
                    message=f"generation {each.generation} goes on" if each.state is State.KEPT else "",
                )
            ],
            "supportedFeatures": [{"name": name} for name in SUPPORTED],
        }
        for each in manifests.of(GatewayClass)
        if each.body.spec.controller_name in OURS
    }
