"""BackendTLSPolicy of the Gateway API (GEP-1897). Application Gateway for Containers has a kind of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from tidegate.manifests.schema.base import Hostname, Name, Resource, Schema
from tidegate.manifests.schema.gateway_api.common import (
    GroupName,
    KindName,
    LocalObjectReference,
    NotWildcard,
    SectionName,
)
from tidegate.manifests.schema.rules import wrong_at

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s][^\s]*")


class LocalPolicyTargetReference(Schema):
    """LocalPolicyTargetReferenceWithSectionName (GEP-713): in the policy's own namespace."""

    group: GroupName
    kind: KindName
    name: Name
    section_name: SectionName | None = None
    """A Service's port by name; None: all its ports."""


def _each_target_once(targets: Sequence[LocalPolicyTargetReference]) -> Sequence[LocalPolicyTargetReference]:
    # The CRD's rules: of several references to one object each names a section, and each another.
    seen: dict[tuple[str, str, str], set[str | None]] = {}
    for index, target in enumerate(targets):
        sections = seen.setdefault((target.group, target.kind, target.name), set())
        if target.section_name in sections:
            raise wrong_at((index,), "a target that the list does not have already")
        if sections and (target.section_name is None or None in sections):
            raise wrong_at((index,), "a target with `sectionName`, like each that names the same object")
        sections.add(target.section_name)
    return targets


class SubjectAltName(Schema):
    type: Literal["Hostname", "URI"]
    hostname: Hostname | None = None
    uri: Annotated[str, Field(max_length=253)] | None = None

    @model_validator(mode="after")
    def _matching(self) -> Self:
        wanted, other = (self.hostname, self.uri) if self.type == "Hostname" else (self.uri, self.hostname)
        if not wanted or other:
            raise ValueError(f"a name of type {self.type} with `{self.type.lower()}` and nothing else")
        if self.uri and not _URI.fullmatch(self.uri):
            raise wrong_at(("uri",), "an absolute URI such as spiffe://example.com/ns/a")
        return self


class BackendTLSPolicyValidation(Schema):
    ca_certificate_refs: Annotated[tuple[LocalObjectReference, ...], Field(max_length=8)] = ()
    well_known_ca_certificates: Annotated[Literal["System"] | None, Field(alias="wellKnownCACertificates")] = None
    hostname: Annotated[Hostname, NotWildcard]
    """The SNI, and what the certificate must be valid for unless `subjectAltNames` are given."""
    subject_alt_names: Annotated[tuple[SubjectAltName, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _one_trust(self) -> Self:
        if self.ca_certificate_refs and self.well_known_ca_certificates:
            raise wrong_at(("wellKnownCACertificates",), "left out where `caCertificateRefs` are given")
        if not self.ca_certificate_refs and not self.well_known_ca_certificates:
            raise ValueError("`caCertificateRefs` or `wellKnownCACertificates: System`")
        return self


class BackendTLSPolicySpec(Schema):
    NOT_YET = frozenset(("options",))

    target_refs: Annotated[
        tuple[LocalPolicyTargetReference, ...], Field(min_length=1, max_length=16), AfterValidator(_each_target_once)
    ]
    validation: BackendTLSPolicyValidation


class BackendTLSPolicy(Resource):
    spec: BackendTLSPolicySpec
