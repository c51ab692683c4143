"""TLSRoute, TCPRoute and UDPRoute.

Their older versions allowed more (no host names, sixteen rules); what a version allows is judged by `apiVersion`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from tidegate.manifests.schema.base import Hostname, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import BackendRef, ParentReference, SectionName
from tidegate.manifests.schema.gateway_api.http_routes import named_once
from tidegate.manifests.schema.rules import at_most, salvaging, wrong_at


class StreamRouteRule(Schema):
    name: SectionName | None = None
    backend_refs: Annotated[tuple[BackendRef, ...], Field(max_length=16)] = ()

    @model_validator(mode="after")
    def _sends_somewhere(self, info: ValidationInfo) -> Self:
        if not self.backend_refs and not salvaging(info):
            raise wrong_at(("backendRefs",), "a list with a Service and its port")
        return self


class TLSRouteRule(StreamRouteRule):
    pass


class TCPRouteRule(StreamRouteRule):
    pass


class UDPRouteRule(StreamRouteRule):
    pass


class TLSRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    hostnames: Annotated[tuple[Hostname, ...], at_most(1024)] = ()
    rules: Annotated[tuple[TLSRouteRule, ...], Field(min_length=1), at_most(16), AfterValidator(named_once)]


class TLSRoute(Resource):
    spec: TLSRouteSpec

    @model_validator(mode="after")
    def _of_its_version(self, info: ValidationInfo) -> Self:
        if self.api_version.endswith("/v1") and not salvaging(info):
            if not self.spec.hostnames:
                raise wrong_at(("spec", "hostnames"), "a list with a host name, which v1 asks for")
            _one_rule(len(self.spec.rules))
        return self


class TCPRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    rules: Annotated[tuple[TCPRouteRule, ...], Field(min_length=1), at_most(16), AfterValidator(named_once)]


class TCPRoute(Resource):
    spec: TCPRouteSpec

    @model_validator(mode="after")
    def _of_its_version(self, info: ValidationInfo) -> Self:
        if self.api_version.endswith("/v1") and not salvaging(info):
            _one_rule(len(self.spec.rules))
        return self


class UDPRouteSpec(Schema):
    NOT_YET = frozenset(("useDefaultGateways",))

    parent_refs: Annotated[tuple[ParentReference, ...], Field(max_length=32)] = ()
    rules: Annotated[tuple[UDPRouteRule, ...], Field(min_length=1), at_most(16), AfterValidator(named_once)]


class UDPRoute(Resource):
    spec: UDPRouteSpec

    @model_validator(mode="after")
    def _of_its_version(self, info: ValidationInfo) -> Self:
        if self.api_version.endswith("/v1") and not salvaging(info):
            _one_rule(len(self.spec.rules))
        return self


def _one_rule(count: int) -> None:
    if count > 1:
        raise wrong_at(("spec", "rules", 1), "left out: v1 has one rule, since nothing tells connections apart")
