"""Filters of HTTPRoute and GRPCRoute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import Hostname, PortNumber, Schema, refused
from tidegate.manifests.schema.gateway_api.common import (
    BackendObjectReference,
    HeaderName,
    HeaderValue,
    Method,
    NotWildcard,
)
from tidegate.manifests.schema.rules import distinct, repeated, wrong_at

_ORIGIN: Final = re.compile(r"\*|https?://((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?")
_NOT_IN_PATH: Final = re.compile(r"[\x00-\x20\x7f#?]|[^\x00-\x7f]")


def _origin(text: str) -> str:
    if len(text) > 253 or not _ORIGIN.fullmatch(text):
        raise ValueError("`*` or an origin: http or https, `://`, a host that may begin with `*.`, and a port")
    return text


def _replacement(text: str) -> str:
    # The path of RFC 3986: what is not one would end up in a request line or a Location header.
    if _NOT_IN_PATH.search(text) or (text and not text.startswith("/")):
        raise ValueError("a path that begins with `/`, without blanks, `?` or `#`")
    return text


def _alone(values: Sequence[str]) -> Sequence[str]:
    if "*" in values and len(values) > 1:
        raise wrong_at((values.index("*"),), "the only entry if it is `*`")
    return values


Origin = Annotated[str, AfterValidator(_origin)]
Replacement = Annotated[str, AfterValidator(_replacement), Field(max_length=1024)]
Alone: Final = AfterValidator(_alone)
"""A list where `*` stands for everything stands alone."""


class HTTPHeader(Schema):
    name: HeaderName
    value: HeaderValue


class HTTPHeaderFilter(Schema):
    set: Annotated[tuple[HTTPHeader, ...], Field(max_length=16)] = ()
    add: Annotated[tuple[HTTPHeader, ...], Field(max_length=16)] = ()
    remove: Annotated[tuple[HeaderName, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        lists = {"set": [h.name for h in self.set], "add": [h.name for h in self.add], "remove": list(self.remove)}
        for field, names in lists.items():
            if (index := repeated(name.lower() for name in names)) is not None:
                raise wrong_at((field, index), f"a header that `{field}` does not have already")
        return self


class HTTPPathModifier(Schema):
    type: Literal["ReplaceFullPath", "ReplacePrefixMatch"]
    replace_full_path: Replacement | None = None
    replace_prefix_match: Replacement | None = None

    @model_validator(mode="after")
    def _matching(self) -> Self:
        full = self.type == "ReplaceFullPath"
        wanted, other = ("replaceFullPath", "replacePrefixMatch") if full else ("replacePrefixMatch", "replaceFullPath")
        values = {"replaceFullPath": self.replace_full_path, "replacePrefixMatch": self.replace_prefix_match}
        if values[wanted] is None or values[other] is not None:
            raise ValueError(f"a path change of type {self.type} with `{wanted}` and not `{other}`")
        return self


class HTTPRequestRedirectFilter(Schema):
    scheme: Literal["http", "https"] | None = None
    hostname: Annotated[Hostname, NotWildcard] | None = None
    path: HTTPPathModifier | None = None
    port: PortNumber | None = None
    status_code: Literal[301, 302, 303, 307, 308] = 302


class HTTPURLRewriteFilter(Schema):
    hostname: Annotated[Hostname, NotWildcard] | None = None
    path: HTTPPathModifier | None = None


class Fraction(Schema):
    numerator: Annotated[int, Field(ge=0, le=2**31 - 1)]
    denominator: Annotated[int, Field(ge=1, le=2**31 - 1)] = 100

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.numerator > self.denominator:
            raise wrong_at(("numerator",), f"at most the denominator, which is {self.denominator}")
        return self


class HTTPRequestMirrorFilter(Schema):
    backend_ref: BackendObjectReference
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    fraction: Fraction | None = None

    @model_validator(mode="after")
    def _one_share(self) -> Self:
        if self.percent is not None and self.fraction is not None:
            raise wrong_at(("fraction",), "left out where `percent` is given")
        return self


class HTTPCORSFilter(Schema):
    """GEP-1767."""

    allow_origins: Annotated[tuple[Origin, ...], Field(max_length=64), distinct("an origin"), Alone] = ()
    allow_credentials: bool = False
    allow_methods: Annotated[tuple[Method | Literal["*"], ...], Field(max_length=9), distinct("a method"), Alone] = ()
    allow_headers: Annotated[
        tuple[HeaderName, ...], Field(max_length=64), distinct("a header", lambda name: name.lower()), Alone
    ] = ()
    expose_headers: Annotated[
        tuple[HeaderName, ...], Field(max_length=64), distinct("a header", lambda name: name.lower())
    ] = ()
    max_age: Annotated[int, Field(ge=1, le=2**31 - 1)] = 5
    """Seconds."""


_FIELDS: Final = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "CORS": "cors",
}
"""The field that belongs to each type of filter."""


class _Filter(Schema):
    """A filter is of one type and has that type's field."""

    @model_validator(mode="after")
    def _matching(self) -> Self:
        given = {info.alias for name, info in type(self).model_fields.items() if getattr(self, name) is not None}
        kind: Any = getattr(self, "type", None)
        field = _FIELDS[kind]
        if given != {"type", field}:
            raise ValueError(f"a filter of type {kind} with `{field}` and nothing else")
        return self


class HTTPRouteFilter(_Filter):
    NOT_YET = frozenset(("extensionRef", "externalAuth"))
    NOT_YET_VALUES = refused(type=("ExtensionRef", "ExternalAuth"))

    type: Literal[
        "RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "RequestRedirect", "URLRewrite", "CORS"
    ]
    request_header_modifier: HTTPHeaderFilter | None = None
    response_header_modifier: HTTPHeaderFilter | None = None
    request_mirror: HTTPRequestMirrorFilter | None = None
    request_redirect: HTTPRequestRedirectFilter | None = None
    url_rewrite: HTTPURLRewriteFilter | None = None
    cors: HTTPCORSFilter | None = None


class GRPCRouteFilter(_Filter):
    NOT_YET = frozenset(("extensionRef",))
    NOT_YET_VALUES = refused(type=("ExtensionRef",))

    type: Literal["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror"]
    request_header_modifier: HTTPHeaderFilter | None = None
    response_header_modifier: HTTPHeaderFilter | None = None
    request_mirror: HTTPRequestMirrorFilter | None = None


def _once(filters: Sequence[HTTPRouteFilter | GRPCRouteFilter]) -> Sequence[HTTPRouteFilter | GRPCRouteFilter]:
    # Only a RequestMirror may be repeated (the CRDs' rules on `filters`).
    seen: set[str] = set()
    for index, each in enumerate(filters):
        if each.type in seen and each.type != "RequestMirror":
            raise wrong_at((index,), f"the only {each.type} in its list")
        seen.add(each.type)
        if {"RequestRedirect", "URLRewrite"} <= seen:
            raise wrong_at((index,), "either a RequestRedirect or a URLRewrite, since a redirect forwards nothing")
    return filters


Once: Final = AfterValidator(_once)
"""Filters as a rule or a backend may have them."""
