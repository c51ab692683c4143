"""GRPCRoute."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import Hostname, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import BackendRef, ParentReference, SectionName, ValueMatch
from tidegate.manifests.schema.gateway_api.filters import GRPCRouteFilter, Once
from tidegate.manifests.schema.gateway_api.http_routes import few_matches, named_once
from tidegate.manifests.schema.gateway_api.patterns import regular_expression
from tidegate.manifests.schema.gateway_api.rule_settings import SessionPersistence
from tidegate.manifests.schema.rules import at_most, repeated, wrong_at

_SERVICE: Final = re.compile(r"\.?[A-Za-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*)*")
_METHOD: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


class GRPCMethodMatch(Schema):
    type: Literal["Exact", "RegularExpression"] = "Exact"
    service: Annotated[str, Field(max_length=1024)] | None = None
    """None and empty match every service."""
    method: Annotated[str, Field(max_length=1024)] | None = None

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if not self.service and not self.method:
            raise ValueError("a `service`, a `method` or both")
        for field, value, form in (("service", self.service, _SERVICE), ("method", self.method, _METHOD)):
            if value and self.type == "Exact" and not form.fullmatch(value):
                raise wrong_at((field,), f"the name of a gRPC {field}: letters, digits and `_`")
            if value and self.type == "RegularExpression":
                try:
                    regular_expression(value)
                except ValueError as problem:
                    raise wrong_at((field,), str(problem)) from None
        return self


class GRPCHeaderMatch(ValueMatch):
    pass


class GRPCRouteMatch(Schema):
    method: GRPCMethodMatch | None = None
    headers: Annotated[tuple[GRPCHeaderMatch, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        if (index := repeated(header.name for header in self.headers)) is not None:
            raise wrong_at(("headers", index), "a header that the match does not name already")
        return self


class GRPCBackendRef(BackendRef):
    filters: Annotated[tuple[GRPCRouteFilter, ...], Field(max_length=16), Once] = ()


class GRPCRouteRule(Schema):
    name: SectionName | None = None
    matches: Annotated[tuple[GRPCRouteMatch, ...], at_most(64)] = ()
    filters: Annotated[tuple[GRPCRouteFilter, ...], Field(max_length=16), Once] = ()
    backend_refs: Annotated[tuple[GRPCBackendRef, ...], Field(max_length=16)] = ()
    session_persistence: SessionPersistence | None = None


class GRPCRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    hostnames: Annotated[tuple[Hostname, ...], at_most(16)] = ()
    rules: Annotated[
        tuple[GRPCRouteRule, ...], at_most(16), AfterValidator(few_matches), AfterValidator(named_once)
    ] = ()


class GRPCRoute(Resource):
    spec: GRPCRouteSpec
