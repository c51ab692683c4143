"""tidegate.dev/v1alpha1: ApimPolicy, which attaches an API Management policy document, and RateLimitPolicy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tidegate.manifests.schema import gateway_api
from tidegate.manifests.schema.base import Name, Resource, Schema
from tidegate.manifests.schema.durations import gateway_duration
from tidegate.manifests.schema.rules import wrong_at

GROUP: Final = "tidegate.dev"

_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}")


class PolicyTargetReference(Schema):
    """LocalPolicyTargetReferenceWithSectionName of GEP-713: the target is in the policy's own namespace."""

    group: Literal["gateway.networking.k8s.io"]
    kind: Literal["Gateway", "HTTPRoute", "GRPCRoute"]
    name: Name
    section_name: gateway_api.SectionName | None = None

    @model_validator(mode="after")
    def _section_of_route(self) -> Self:
        if self.section_name is not None and self.kind == "Gateway":
            raise ValueError("a Gateway without `sectionName`: its policy is the global scope")
        return self


class PolicyDocumentRef(Schema):
    SHELL_TEXT = frozenset(("inline",))

    file: Annotated[str, Field(min_length=1)] | None = None
    inline: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.file is None) == (self.inline is None):
            raise ValueError("either `file` or `inline`")
        return self


class ApimPolicySpec(Schema):
    target_refs: Annotated[tuple[PolicyTargetReference, ...], Field(min_length=1, max_length=16)]
    policy: PolicyDocumentRef


class ApimPolicy(Resource):
    spec: ApimPolicySpec


def _period(text: object) -> float:
    seconds = gateway_duration(text)
    # Counters do not outlive the machine: a window of days would promise what they cannot keep.
    if not 1 <= seconds <= 86_400:
        raise ValueError("a duration from 1s to 24h")
    return seconds


class RateLimitTarget(Schema):
    """What is limited: a Gateway or one listener of it, a route or one named rule of it, in the policy's namespace."""

    group: Literal["gateway.networking.k8s.io"]
    kind: Literal["Gateway", "HTTPRoute", "GRPCRoute"]
    name: Name
    section_name: gateway_api.SectionName | None = None


def _each_target_once(targets: Sequence[RateLimitTarget]) -> Sequence[RateLimitTarget]:
    seen: set[tuple[str, str, str | None]] = set()
    for index, target in enumerate(targets):
        key = (target.kind, target.name, target.section_name)
        if key in seen:
            raise wrong_at((index,), "a target that the list does not have already")
        seen.add(key)
    return targets


class RateLimitKey(Schema):
    """What requests are told apart by; each value has a counter of its own.

    A request that has no such header or claim counts with all others that have none: leaving something out is no way
    around a limit.
    """

    type: Literal["Header", "Claim", "ClientAddress", "Everyone"]
    name: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """The header, or the claim of the token that a validate-jwt policy of the route has verified."""

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.type in ("Header", "Claim") and self.name is None:
            raise ValueError(f"a key of type {self.type} with the `name` of a {self.type.lower()}")
        if self.type in ("ClientAddress", "Everyone") and self.name is not None:
            raise wrong_at(("name",), f"left out for {self.type}")
        if self.type == "Header" and self.name is not None and not _HEADER.fullmatch(self.name):
            raise wrong_at(("name",), "a header name: letters, digits and !#$%&'*+-.^_`|~")
        return self


class RateLimit(Schema):
    calls: Annotated[int, Field(ge=1, le=1_000_000_000)]
    period: Annotated[float, BeforeValidator(_period)]
    """In seconds; written as a Gateway API Duration."""
    key: RateLimitKey = RateLimitKey(type="Everyone")


class RateLimitPolicySpec(Schema):
    target_refs: Annotated[
        tuple[RateLimitTarget, ...], Field(min_length=1, max_length=16), AfterValidator(_each_target_once)
    ]
    limits: Annotated[tuple[RateLimit, ...], Field(min_length=1, max_length=16)]
    """All of them hold: the first that is used up answers 429."""


class RateLimitPolicy(Resource):
    """A rate limit for routes that have no API Management policy document.

    ```yaml
    apiVersion: tidegate.dev/v1alpha1
    kind: RateLimitPolicy
    metadata: {name: fair-use, namespace: shop}
    spec:
      targetRefs:
        - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: cart}
      limits:
        - {calls: 100, period: 1m, key: {type: Header, name: x-api-key}}
        - {calls: 5000, period: 1h, key: {type: Everyone}}
    ```
    """

    spec: RateLimitPolicySpec
