"""HTTPRoute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from tidegate.manifests.schema.base import Hostname, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import (
    BackendRef,
    Method,
    ParameterName,
    ParentReference,
    SectionName,
    ValueMatch,
)
from tidegate.manifests.schema.gateway_api.filters import HTTPRouteFilter, Once
from tidegate.manifests.schema.gateway_api.patterns import regular_expression
from tidegate.manifests.schema.gateway_api.rule_settings import HTTPRouteRetry, HTTPRouteTimeouts, SessionPersistence
from tidegate.manifests.schema.rules import at_most, repeated, salvaging, wrong_at

MOST_MATCHES: Final = 128
"""Of all rules of a route together."""

_PATH: Final = re.compile(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")


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
        if not _PATH.fullmatch(value):
            raise ValueError("a path of letters, digits, -/._~!$&'()*+,;=:@ and %XX for all other characters")
        return value


class HTTPHeaderMatch(ValueMatch):
    pass


class HTTPQueryParamMatch(Schema):
    type: Literal["Exact", "RegularExpression"] = "Exact"
    name: ParameterName
    value: Annotated[str, Field(min_length=1, max_length=1024)]

    @model_validator(mode="after")
    def _pattern(self) -> Self:
        if self.type == "RegularExpression":
            try:
                regular_expression(self.value)
            except ValueError as problem:
                raise wrong_at(("value",), str(problem)) from None
        return self


class HTTPRouteMatch(Schema):
    path: HTTPPathMatch = HTTPPathMatch()
    headers: Annotated[tuple[HTTPHeaderMatch, ...], Field(max_length=16)] = ()
    query_params: Annotated[tuple[HTTPQueryParamMatch, ...], Field(max_length=16)] = ()
    method: Method | None = None

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        # listType=map: the API server takes a name once. Of names that differ in case only, the first counts.
        if (index := repeated(header.name for header in self.headers)) is not None:
            raise wrong_at(("headers", index), "a header that the match does not name already")
        if (index := repeated(parameter.name for parameter in self.query_params)) is not None:
            raise wrong_at(("queryParams", index), "a parameter that the match does not name already")
        return self


class HTTPBackendRef(BackendRef):
    filters: Annotated[tuple[HTTPRouteFilter, ...], Field(max_length=16), Once] = ()


class HTTPRouteRule(Schema):
    name: SectionName | None = None
    matches: Annotated[tuple[HTTPRouteMatch, ...], at_most(64)] = ()
    filters: Annotated[tuple[HTTPRouteFilter, ...], Field(max_length=16), Once] = ()
    backend_refs: Annotated[tuple[HTTPBackendRef, ...], Field(max_length=16)] = ()
    timeouts: HTTPRouteTimeouts | None = None
    retry: HTTPRouteRetry | None = None
    session_persistence: SessionPersistence | None = None

    @model_validator(mode="after")
    def _redirect_sends_nothing(self) -> Self:
        for index, each in enumerate(self.filters):
            if each.request_redirect is not None and self.backend_refs:
                raise wrong_at(("filters", index), "no RequestRedirect in a rule with `backendRefs`")
        return self

    @model_validator(mode="after")
    def _prefix_replaced(self) -> Self:
        """ReplacePrefixMatch needs exactly one match, of type PathPrefix (which is what no match at all means)."""
        one_prefix = not self.matches or (len(self.matches) == 1 and self.matches[0].path.type == "PathPrefix")
        for path, each in () if one_prefix else self._filters():
            changes = {"requestRedirect": each.request_redirect, "urlRewrite": each.url_rewrite}
            for field, change in changes.items():
                if change is not None and change.path is not None and change.path.replace_prefix_match is not None:
                    raise wrong_at((*path, field, "path"), "no ReplacePrefixMatch without exactly one PathPrefix match")
        return self

    def _filters(self) -> Iterator[tuple[tuple[str | int, ...], HTTPRouteFilter]]:
        """Every filter of the rule and of its backends, with its place in the rule."""
        for index, each in enumerate(self.filters):
            yield ("filters", index), each
        for number, backend in enumerate(self.backend_refs):
            for index, each in enumerate(backend.filters):
                yield ("backendRefs", number, "filters", index), each


def few_matches(rules: Sequence[Schema], info: ValidationInfo) -> Sequence[Schema]:
    """The CRDs' bound on all matches of a route together."""
    total = sum(len(getattr(rule, "matches", ())) for rule in rules)
    if total > MOST_MATCHES and not salvaging(info):
        raise ValueError(f"rules with at most {MOST_MATCHES} matches together")
    return rules


def named_once(rules: Sequence[Schema], info: ValidationInfo) -> Sequence[Schema]:
    """A rule's name is unique in its route."""
    names: list[str | int] = [getattr(rule, "name", None) or index for index, rule in enumerate(rules)]
    if (index := repeated(names)) is not None and not salvaging(info):
        raise wrong_at((index, "name"), "a name that no other rule of the route has")
    return rules


class HTTPRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    hostnames: Annotated[tuple[Hostname, ...], at_most(16)] = ()
    rules: Annotated[
        tuple[HTTPRouteRule, ...],
        Field(min_length=1),
        at_most(16),
        AfterValidator(few_matches),
        AfterValidator(named_once),
    ] = (HTTPRouteRule(),)


class HTTPRoute(Resource):
    spec: HTTPRouteSpec
