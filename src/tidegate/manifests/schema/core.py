"""Kubernetes core: Namespace, Service, Secret, ConfigMap, ServiceAccount; discovery.k8s.io EndpointSlice."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tidegate.manifests.schema.base import NO_TEXTS, Hostname, Label, PortNumber, Resource, Schema, refused
from tidegate.manifests.schema.rules import wrong_at


class Namespace(Resource):
    ELSEWHERE = Resource.ELSEWHERE | {"spec"}


class ServiceAccount(Resource):
    ELSEWHERE = Resource.ELSEWHERE | {"secrets", "imagePullSecrets", "automountServiceAccountToken"}


class ConfigMap(Resource):
    SHELL_TEXT = frozenset(("data",))
    NO_EFFECT = frozenset(("immutable",))

    data: dict[str, str] = NO_TEXTS
    binary_data: dict[str, str] = NO_TEXTS
    immutable: bool | None = None


class Secret(Resource):
    SECRET = frozenset(("data", "stringData"))
    SHELL_TEXT = frozenset(("data", "stringData"))
    NO_EFFECT = frozenset(("immutable",))

    type: str = "Opaque"
    data: dict[str, str] = NO_TEXTS
    string_data: dict[str, str] = NO_TEXTS
    immutable: bool | None = None


class ServicePort(Schema):
    ELSEWHERE = frozenset(("nodePort",))

    name: Label | None = None
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    port: PortNumber
    target_port: int | str | None = None
    app_protocol: str | None = None


class ClientIPConfig(Schema):
    """A client's endpoint is worked out from its address, not remembered: it has no need to be forgotten."""

    ELSEWHERE = frozenset(("timeoutSeconds",))


class SessionAffinityConfig(Schema):
    client_ip: Annotated[ClientIPConfig, Field(alias="clientIP")] = ClientIPConfig()


class ServiceSpec(Schema):
    """A headless Service (clusterIP None) is like any other: the gateway goes to the endpoints in any case."""

    ELSEWHERE = frozenset(
        (
            "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy", "externalTrafficPolicy",
            "externalIPs", "loadBalancerIP", "loadBalancerClass", "loadBalancerSourceRanges", "healthCheckNodePort",
            "allocateLoadBalancerNodePorts", "trafficDistribution",
        )
    )  # fmt: skip

    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] = "ClusterIP"
    external_name: Hostname | None = None
    publish_not_ready_addresses: bool = False
    session_affinity: Literal["None", "ClientIP"] = "None"
    session_affinity_config: SessionAffinityConfig = SessionAffinityConfig()
    selector: dict[str, str] = NO_TEXTS
    ports: tuple[ServicePort, ...] = ()

    @model_validator(mode="after")
    def _named_outside(self) -> Self:
        if self.type == "ExternalName" and self.external_name is None:
            raise wrong_at(("type",), "`ExternalName` beside an `externalName`")
        if self.type == "ExternalName" and self.external_name is not None and self.external_name.startswith("*"):
            raise wrong_at(("externalName",), "a host name without a wildcard")
        if self.type != "ExternalName" and self.external_name is not None:
            raise wrong_at(("externalName",), "left out unless the type is ExternalName")
        return self


class Service(Resource):
    spec: ServiceSpec = ServiceSpec()


class EndpointConditions(Schema):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class SliceEndpoint(Schema):
    ELSEWHERE = frozenset(("nodeName", "zone", "hints", "targetRef", "deprecatedTopology", "hostname"))

    addresses: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    conditions: EndpointConditions = EndpointConditions()


class SlicePort(Schema):
    name: str | None = None
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    port: PortNumber | None = None
    app_protocol: str | None = None


class EndpointSlice(Resource):
    NOT_YET_VALUES = refused(addressType=("FQDN",))

    address_type: Literal["IPv4", "IPv6"]
    endpoints: tuple[SliceEndpoint, ...] = ()
    ports: tuple[SlicePort, ...] = ()
