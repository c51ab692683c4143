"""What several kinds of gateway.networking.k8s.io share: names, references, values of headers."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import NO_TEXTS, Label, Name, PortNumber, Schema, is_dns_name
from tidegate.manifests.schema.gateway_api.patterns import regular_expression
from tidegate.manifests.schema.rules import wrong_at

GROUP: Final = "gateway.networking.k8s.io"

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}")
_KIND: Final = re.compile(r"[a-zA-Z]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")


def _header_name(text: str) -> str:
    # RFC 9110 section 5.1: a field name is a token.
    if not _TOKEN.fullmatch(text):
        raise ValueError("a header name: letters, digits and !#$%&'*+-.^_`|~")
    return text


def _parameter_name(text: str) -> str:
    # HTTPQueryParamMatch.name is an HTTPHeaderName in the CRD.
    if not _TOKEN.fullmatch(text):
        raise ValueError("a parameter name: letters, digits and !#$%&'*+-.^_`|~")
    return text


def _header_value(text: str) -> str:
    # RFC 9110 section 5.5: no line breaks, no NUL; Envoy would refuse the whole route table.
    if any(ord(character) < 0x20 and character != "\t" for character in text) or "\x7f" in text:
        raise ValueError("a header value without control characters")
    return text


def _group(text: str) -> str:
    if text and not is_dns_name(text):
        raise ValueError('an API group: a DNS name, or "" for Kubernetes core')
    return text


def _kind(text: str) -> str:
    if not _KIND.fullmatch(text):
        raise ValueError("a kind: letters, digits and `-`, at most 63 characters")
    return text


def _precise(text: str) -> str:
    if text.startswith("*"):
        raise ValueError("a host name without a wildcard")
    return text


HeaderName = Annotated[str, AfterValidator(_header_name)]
ParameterName = Annotated[str, AfterValidator(_parameter_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value), Field(min_length=1, max_length=4096)]
NotWildcard = AfterValidator(_precise)
"""Makes a Hostname a PreciseHostname."""
SectionName = Name
"""Of a listener, of a rule, of a Service's port."""
GroupName = Annotated[str, AfterValidator(_group)]
"""An API group; empty for Kubernetes core."""
KindName = Annotated[str, AfterValidator(_kind)]
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
Weight = Annotated[int, Field(ge=0, le=1_000_000)]


class LabelSelectorRequirement(Schema):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()


class LabelSelector(Schema):
    match_labels: dict[str, str] = NO_TEXTS
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()


class SecretObjectReference(Schema):
    group: GroupName = ""
    kind: KindName = "Secret"
    name: Name
    namespace: Label | None = None


class ObjectReference(Schema):
    """A reference that names group and kind itself, into any namespace."""

    group: GroupName
    kind: KindName
    name: Name
    namespace: Label | None = None


class LocalObjectReference(Schema):
    """A reference within the namespace that names group and kind itself."""

    group: GroupName
    kind: KindName
    name: Name


class ParentReference(Schema):
    group: GroupName = GROUP
    kind: KindName = "Gateway"
    namespace: Label | None = None
    name: Name
    section_name: SectionName | None = None
    port: PortNumber | None = None


class BackendObjectReference(Schema):
    group: GroupName = ""
    kind: KindName = "Service"
    name: Name
    namespace: Label | None = None
    port: PortNumber | None = None

    @model_validator(mode="after")
    def _port_of_service(self) -> Self:
        # BackendObjectReference: "Port is required when the referent is a Kubernetes Service".
        if (self.group, self.kind) == ("", "Service") and self.port is None:
            raise ValueError("a reference to a Service with its `port`")
        return self


class BackendRef(BackendObjectReference):
    """Where TLSRoute, TCPRoute and UDPRoute send."""

    weight: Weight = 1


class ValueMatch(Schema):
    """How the value of a header is matched."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    name: HeaderName
    value: HeaderValue

    @model_validator(mode="after")
    def _pattern(self) -> Self:
        if self.type == "RegularExpression":
            try:
                regular_expression(self.value)
            except ValueError as problem:
                raise wrong_at(("value",), str(problem)) from None
        return self
