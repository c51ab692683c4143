"""tidegate.dev/v1alpha1: ApimPolicy, which attaches an API Management policy document."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from tidegate.manifests.schema import gateway_api
from tidegate.manifests.schema.base import Name, Resource, Schema

GROUP: Final = "tidegate.dev"


class PolicyTargetReference(Schema):
    """LocalPolicyTargetReferenceWithSectionName of GEP-713: the target is in the policy's own namespace."""

    group: Literal["gateway.networking.k8s.io"]
    kind: Literal["Gateway", "HTTPRoute"]
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
