"""ApplicationLoadBalancer, and the annotations by which a Gateway belongs to one.

Nothing here runs in Azure: the resource is accepted as it is, and its Gateways are served by Tidegate. What is checked
is what the product would stumble over.
"""

from __future__ import annotations

import re
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import alb as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.alb.conditions import LOAD_BALANCER
from tidegate.manifests.classes import ALB
from tidegate.manifests.conditions import JsonObject, condition
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import GROUP, ApplicationLoadBalancer
from tidegate.manifests.schema.gateway_api import GROUP as GATEWAY_GROUP
from tidegate.manifests.schema.gateway_api import Gateway, GatewayClass
from tidegate.model import ObjectKey

ID: Final = f"{GROUP}/alb-id"
NAME: Final = f"{GROUP}/alb-name"
NAMESPACE: Final = f"{GROUP}/alb-namespace"
CLASSES: Final = frozenset(("azure-alb-external", "azure-alb"))
"""Names that mean the product where no GatewayClass says otherwise."""

_RESOURCE: Final = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.servicenetworking/trafficcontrollers/[^/]+", re.I
)


def product_in_use(manifests: Manifests) -> bool:
    """Whether some Gateway is of Application Gateway for Containers."""
    return any(of_product(manifests, gateway) for gateway in manifests.of(Gateway))


def of_product(manifests: Manifests, gateway: Object[Gateway]) -> bool:
    """Whether a Gateway is of a class of the product."""
    name = gateway.body.spec.gateway_class_name
    declared = manifests.get(GatewayClass, group=GATEWAY_GROUP, namespace="", name=name)
    return declared.body.spec.controller_name == ALB if declared is not None else name in CLASSES


def check_load_balancer(manifests: Manifests, gateway: Object[Gateway], found: Found) -> None:
    """Report annotations that would leave a Gateway of the product without a load balancer."""
    annotations = gateway.body.metadata.annotations
    if not of_product(manifests, gateway) or not {ID, NAME, NAMESPACE} & annotations.keys():
        return

    def say(problem: str, key: str, help_: str = "") -> None:
        found.add(
            codes.LOAD_BALANCER_ANNOTATION,
            at=gateway.at("metadata", "annotations", key),
            gateway=gateway.key,
            problem=problem,
            help=help_,
            notes=["it is served here all the same"],
        )

    if ID in annotations:
        if NAME in annotations or NAMESPACE in annotations:
            other = NAME if NAME in annotations else NAMESPACE
            say(f"has `{ID}` and `{other}`: a load balancer is either brought along or managed", other)
        elif not _RESOURCE.fullmatch(annotations[ID]):
            say(f"has an `{ID}` that is no resource id", ID, "/subscriptions/.../trafficControllers/NAME")
        return
    if NAME not in annotations or NAMESPACE not in annotations:
        given, missing = (NAME, NAMESPACE) if NAME in annotations else (NAMESPACE, NAME)
        say(f"has `{given}` and no `{missing}`", given)
        return
    namespace, name = annotations[NAMESPACE], annotations[NAME]
    target = ObjectKey(GROUP, "ApplicationLoadBalancer", namespace, name)
    there = manifests.get(ApplicationLoadBalancer, group=GROUP, namespace=namespace, name=name)
    if there is None and not manifests.is_refused(target):
        known = [each.key.name for each in manifests.in_namespace(ApplicationLoadBalancer, namespace)]
        found.add(
            codes.LOAD_BALANCER_NOT_FOUND,
            at=gateway.at("metadata", "annotations", NAME),
            gateway=gateway.key,
            target=target,
            help=did_you_mean(name, known),
            notes=["it is served here all the same"],
        )


def load_balancer_status(load_balancer: Object[ApplicationLoadBalancer]) -> JsonObject:
    """Accepted, and as deployed as it will be."""
    generation = load_balancer.newest_generation
    return {
        "conditions": [
            condition(LOAD_BALANCER, type="Accepted", status=True, reason="Accepted", generation=generation),
            condition(
                LOAD_BALANCER,
                type="Deployment",
                status=True,
                reason="Ready",
                generation=generation,
                message="its Gateways are served by Tidegate",
            ),
        ]
    }
