"""gateway.networking.k8s.io: GatewayClass, Gateway, HTTPRoute, ReferenceGrant."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from tidegate.manifests.schema.base import NO_TEXTS, Hostname, Label, Name, PortNumber, Resource, Schema, refused

GROUP: Final = "gateway.networking.k8s.io"

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}")
_NOT_RE2: Final = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")
_ONLY_RE2: Final = re.compile(r"\\[pPCQz]|\[\[:|\(\?[a-zA-Z-]+\)")
_SECTION: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def regular_expression(text: str) -> str:
    """A pattern that RE2 will take: one that it refuses would keep Envoy from taking any change at all."""
    if _NOT_RE2.search(text):
        raise ValueError("a pattern of RE2, which has no lookaround, no back-references and no possessive repeats")
    if _ONLY_RE2.search(text):
        return text  # Python cannot judge it; Envoy does, and its answer is shown at this place
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"a pattern of RE2 ({problem.msg})") from None
    return text


def _header_name(text: str) -> str:
    # RFC 9110 section 5.1: a field name is a token.
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("a header name: letters, digits and !#$%&'*+-.^_`|~")
    return text


def _header_value(text: str) -> str:
    # RFC 9110 section 5.5: no line breaks, no NUL; Envoy would refuse the whole route table.
    if any(ord(character) < 0x20 and character != "\t" for character in text) or "\x7f" in text:
        raise ValueError("a header value without control characters")
    return text


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("an IP address") from None


HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value), Field(max_length=4096)]
SectionName = Annotated[str, Field(pattern=_SECTION.pattern, max_length=253)]
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]


class GatewayClassSpec(Schema):
    NOT_YET = frozenset(("parametersRef",))

    controller_name: Annotated[str, Field(pattern=r"^[a-z0-9.-]+/[A-Za-z0-9/._~-]+$", max_length=253)]
    description: str | None = None


class GatewayClass(Resource):
    spec: GatewayClassSpec


class LabelSelectorRequirement(Schema):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()


class LabelSelector(Schema):
    match_labels: dict[str, str] = NO_TEXTS
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


class RouteNamespaces(Schema):
    from_: Annotated[Literal["All", "Selector", "Same", "None"], Field(alias="from")] = "Same"
    selector: LabelSelector | None = None


class RouteGroupKind(Schema):
    group: str = GROUP
    kind: str


class AllowedRoutes(Schema):
    namespaces: RouteNamespaces = RouteNamespaces()
    kinds: tuple[RouteGroupKind, ...] = ()


class SecretObjectReference(Schema):
    group: str = ""
    kind: str = "Secret"
    name: Name
    namespace: Label | None = None


class ListenerTls(Schema):
    NOT_YET = frozenset(("options", "frontendValidation"))
    NOT_YET_VALUES = refused(mode=("Passthrough",))

    mode: Literal["Terminate"] = "Terminate"
    certificate_refs: tuple[SecretObjectReference, ...] = ()


class ListenerSpec(Schema):
    name: SectionName
    hostname: Hostname | None = None
    port: PortNumber
    protocol: Annotated[str, Field(min_length=1, max_length=255)]
    tls: ListenerTls | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class GatewayAddress(Schema):
    NOT_YET_VALUES = refused(type=("Hostname", "NamedAddress"))

    type: Literal["IPAddress"] = "IPAddress"
    value: Annotated[str, AfterValidator(_ip)]


class GatewaySpec(Schema):
    NOT_YET = frozenset(("infrastructure", "allowedListeners", "backendTLS", "tls", "defaultScope"))

    gateway_class_name: Name
    listeners: Annotated[tuple[ListenerSpec, ...], Field(min_length=1, max_length=64)]
    addresses: Annotated[tuple[GatewayAddress, ...], Field(max_length=1)] = ()


class Gateway(Resource):
    spec: GatewaySpec


class ParentReference(Schema):
    group: str = GROUP
    kind: str = "Gateway"
    namespace: Label | None = None
    name: Name
    section_name: SectionName | None = None
    port: PortNumber | None = None


class HTTPPathMatch(Schema):
    type: Literal["Exact", "PathPrefix", "RegularExpression"] = "PathPrefix"
    value: Annotated[str, Field(max_length=1024)] = "/"

    @field_validator("value")
    @classmethod
    def _absolute(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("type") == "RegularExpression":
            return regular_expression(value)
        # HTTPPathMatch, CRD validation rules of Gateway API v1.
        if not value.startswith("/"):
            raise ValueError("a path that begins with `/`")
        if any(part in value for part in ("//", "/./", "/../", "%2f", "%2F", "#", "?")):
            raise ValueError("a path without `//`, `/./`, `/../`, `%2f`, `?` or `#`")
        if value.endswith(("/..", "/.")):
            raise ValueError("a path that does not end with `/.` or `/..`")
        return value


class HTTPHeaderMatch(Schema):
    NOT_YET_VALUES = refused(type=("RegularExpression",))

    type: Literal["Exact"] = "Exact"
    name: HeaderName
    value: Annotated[HeaderValue, Field(min_length=1)]


class HTTPRouteMatch(Schema):
    NOT_YET = frozenset(("queryParams",))

    path: HTTPPathMatch = HTTPPathMatch()
    headers: Annotated[tuple[HTTPHeaderMatch, ...], Field(max_length=16)] = ()
    method: Method | None = None


class HTTPHeader(Schema):
    name: HeaderName
    value: HeaderValue


class HTTPHeaderFilter(Schema):
    set: tuple[HTTPHeader, ...] = ()
    add: tuple[HTTPHeader, ...] = ()
    remove: tuple[HeaderName, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for names in ([h.name for h in self.set], [h.name for h in self.add], self.remove):
            lowered = [name.lower() for name in names]
            if len(set(lowered)) != len(lowered):
                raise ValueError("each header at most once in a list")
        return self


class HTTPRouteFilter(Schema):
    NOT_YET = frozenset(
        ("requestMirror", "requestRedirect", "urlRewrite", "extensionRef", "cors", "externalAuth"),
    )
    NOT_YET_VALUES = refused(
        type=("RequestMirror", "RequestRedirect", "URLRewrite", "ExtensionRef", "CORS", "ExternalAuth"),
    )

    type: Literal["RequestHeaderModifier", "ResponseHeaderModifier"]
    request_header_modifier: HTTPHeaderFilter | None = None
    response_header_modifier: HTTPHeaderFilter | None = None

    @model_validator(mode="after")
    def _matching(self) -> Self:
        request = self.type == "RequestHeaderModifier"
        wanted = self.request_header_modifier if request else self.response_header_modifier
        other = self.response_header_modifier if request else self.request_header_modifier
        if wanted is None or other is not None:
            field = "requestHeaderModifier" if request else "responseHeaderModifier"
            raise ValueError(f"a filter of type {self.type} with `{field}` and nothing else")
        return self


class HTTPBackendRef(Schema):
    NOT_YET = frozenset(("filters",))

    group: str = ""
    kind: str = "Service"
    name: Name
    namespace: Label | None = None
    port: PortNumber | None = None
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1

    @model_validator(mode="after")
    def _port_of_service(self) -> Self:
        # BackendObjectReference: "Port is required when the referent is a Kubernetes Service".
        if (self.group, self.kind) == ("", "Service") and self.port is None:
            raise ValueError("a reference to a Service with its `port`")
        return self


class HTTPRouteRule(Schema):
    NOT_YET = frozenset(("timeouts", "retry", "sessionPersistence"))

    name: SectionName | None = None
    matches: Annotated[tuple[HTTPRouteMatch, ...], Field(max_length=64)] = ()
    filters: Annotated[tuple[HTTPRouteFilter, ...], Field(max_length=16)] = ()
    backend_refs: Annotated[tuple[HTTPBackendRef, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _filters_once(self) -> Self:
        types = [filter_.type for filter_ in self.filters]
        if len(set(types)) != len(types):
            raise ValueError("each header modifier at most once in a rule")
        return self


class HTTPRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    hostnames: Annotated[tuple[Hostname, ...], Field(max_length=16)] = ()
    rules: Annotated[tuple[HTTPRouteRule, ...], Field(min_length=1, max_length=16)] = (HTTPRouteRule(),)

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [rule.name for rule in self.rules if rule.name]
        if len(set(names)) != len(names):
            raise ValueError("rules with different names")
        return self


class HTTPRoute(Resource):
    spec: HTTPRouteSpec


class ReferenceGrantFrom(Schema):
    group: str
    kind: str
    namespace: Label


class ReferenceGrantTo(Schema):
    group: str
    kind: str
    name: Name | None = None


class ReferenceGrantSpec(Schema):
    from_: Annotated[tuple[ReferenceGrantFrom, ...], Field(alias="from", min_length=1, max_length=16)]
    to: Annotated[tuple[ReferenceGrantTo, ...], Field(min_length=1, max_length=16)]


class ReferenceGrant(Resource):
    spec: ReferenceGrantSpec
