"""GatewayClass, Gateway and ListenerSet."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from tidegate.manifests.schema.base import NO_TEXTS, Hostname, Label, Name, PortNumber, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import (
    GROUP,
    GroupName,
    KindName,
    LabelSelector,
    ObjectReference,
    SecretObjectReference,
    SectionName,
)
from tidegate.manifests.schema.rules import distinct, salvaging, wrong_at

_DOMAIN_PREFIXED = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+"
_HOSTNAME = r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


class GatewayClassSpec(Schema):
    NOT_YET = frozenset(("parametersRef",))
    NO_EFFECT = frozenset(("description",))

    controller_name: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9/._~-]+$", max_length=253)]
    description: Annotated[str, Field(max_length=64)] | None = None


class GatewayClass(Resource):
    spec: GatewayClassSpec


class RouteNamespaces(Schema):
    from_: Annotated[Literal["All", "Selector", "Same", "None"], Field(alias="from")] = "Same"
    selector: LabelSelector | None = None


class RouteGroupKind(Schema):
    group: GroupName = GROUP
    kind: KindName


class AllowedRoutes(Schema):
    namespaces: RouteNamespaces = RouteNamespaces()
    kinds: Annotated[tuple[RouteGroupKind, ...], Field(max_length=8)] = ()


class ListenerTls(Schema):
    """ListenerTLSConfig. Options are another implementation's words; none has a meaning here."""

    NOT_YET = frozenset(("options", "frontendValidation"))

    mode: Literal["Terminate", "Passthrough"] = "Terminate"
    certificate_refs: Annotated[tuple[SecretObjectReference, ...], Field(max_length=64)] = ()

    @model_validator(mode="after")
    def _certificates(self) -> Self:
        if self.mode == "Terminate" and not self.certificate_refs:
            raise ValueError("`certificateRefs` with a certificate, since TLS is terminated here")
        return self


class ListenerSpec(Schema):
    """Listener of a Gateway and ListenerEntry of a ListenerSet, which have the same fields."""

    name: SectionName
    hostname: Hostname | None = None
    port: PortNumber
    protocol: Annotated[str, Field(min_length=1, max_length=255)]
    tls: ListenerTls | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()

    @model_validator(mode="after")
    def _by_protocol(self, info: ValidationInfo) -> Self:
        # The CRD's rules on listeners, which are the same for a Gateway and a ListenerSet.
        if self.protocol in ("HTTP", "TCP", "UDP") and self.tls is not None:
            raise wrong_at(("tls",), f"left out: protocol {self.protocol} has no TLS")
        if self.protocol in ("TCP", "UDP") and self.hostname is not None:
            raise wrong_at(("hostname",), f"left out: protocol {self.protocol} knows no host names")
        if self.protocol == "HTTPS" and self.tls is not None and self.tls.mode != "Terminate":
            raise wrong_at(("tls", "mode"), "`Terminate`: HTTPS is always terminated; protocol TLS can pass through")
        if self.protocol == "TLS" and self.tls is None and not salvaging(info):
            raise wrong_at(("protocol",), "`TLS` beside a `tls` that says whether it is terminated")
        return self


class GatewayAddress(Schema):
    """GatewaySpecAddress. Which types can be served is the Gateway's condition, not a mistake of the file."""

    type: Annotated[str, Field(pattern=rf"^(Hostname|IPAddress|NamedAddress|{_DOMAIN_PREFIXED})$", max_length=253)] = (
        "IPAddress"
    )
    value: Annotated[str, Field(max_length=253)] = ""
    """Empty: the implementation chooses."""

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        if self.value and self.type == "IPAddress":
            try:
                ipaddress.ip_address(self.value)
            except ValueError:
                raise wrong_at(("value",), "an IP address") from None
        return self


class AllowedListenerNamespaces(Schema):
    from_: Annotated[Literal["All", "Selector", "Same", "None"], Field(alias="from")] = "None"
    selector: LabelSelector | None = None


class AllowedListeners(Schema):
    namespaces: AllowedListenerNamespaces = AllowedListenerNamespaces()


class FrontendTlsValidation(Schema):
    """FrontendTLSValidation: what is asked of the certificates that clients present."""

    ca_certificate_refs: Annotated[tuple[ObjectReference, ...], Field(min_length=1, max_length=16)]
    mode: Literal["AllowValidOnly", "AllowInsecureFallback"] = "AllowValidOnly"


class FrontendTlsConfig(Schema):
    """TLSConfig of the specification."""

    validation: FrontendTlsValidation | None = None


class TlsPortConfig(Schema):
    port: PortNumber
    tls: FrontendTlsConfig


class FrontendTls(Schema):
    """FrontendTLSConfig: a port's own settings replace the default as a whole."""

    default: FrontendTlsConfig
    per_port: Annotated[
        tuple[TlsPortConfig, ...], Field(max_length=64), distinct("a port", lambda config: config.port)
    ] = ()


class GatewayBackendTls(Schema):
    client_certificate_ref: SecretObjectReference | None = None


class GatewayTls(Schema):
    """GatewayTLSConfig."""

    backend: GatewayBackendTls | None = None
    frontend: FrontendTls | None = None


class GatewayInfrastructure(Schema):
    """For resources that are created for a Gateway; here there are none."""

    NOT_YET = frozenset(("parametersRef",))
    NO_EFFECT = frozenset(("labels", "annotations"))

    labels: Annotated[dict[str, str], Field(max_length=8)] = NO_TEXTS
    annotations: Annotated[dict[str, str], Field(max_length=16)] = NO_TEXTS


class GatewaySpec(Schema):
    NOT_YET = frozenset(("backendTLS", "defaultScope"))

    gateway_class_name: Name
    listeners: Annotated[tuple[ListenerSpec, ...], Field(min_length=1, max_length=64)]
    addresses: Annotated[
        tuple[GatewayAddress, ...],
        Field(max_length=16),
        distinct("an address", lambda address: (address.type, address.value or object())),
    ] = ()
    infrastructure: GatewayInfrastructure | None = None
    allowed_listeners: AllowedListeners = AllowedListeners()
    tls: GatewayTls | None = None


class Gateway(Resource):
    spec: GatewaySpec


class ParentGatewayReference(Schema):
    group: GroupName = GROUP
    kind: KindName = "Gateway"
    name: Name
    namespace: Label | None = None


class ListenerSetSpec(Schema):
    parent_ref: ParentGatewayReference
    listeners: Annotated[tuple[ListenerSpec, ...], Field(min_length=1, max_length=64)]


class ListenerSet(Resource):
    """Listeners that another namespace adds to a Gateway that lets it (GEP-1713)."""

    spec: ListenerSetSpec
