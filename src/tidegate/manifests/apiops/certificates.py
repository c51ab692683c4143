"""Certificates with their keys: what `certificate-id` and `thumbprint` of authentication-certificate name."""

from __future__ import annotations

from tidegate.manifests.apiops.artifacts import Artifacts
from tidegate.manifests.apiops.layout import Layout
from tidegate.manifests.apiops.schema import CertificateInformation
from tidegate.model.entities import CertificateEntity


def read_certificates(layout: Layout, artifacts: Artifacts) -> dict[str, CertificateEntity]:
    """By id. APIOps extracts them without their keys: such are left out, and policies that name them are refused where
    they do."""
    result: dict[str, CertificateEntity] = {}
    for name, path in sorted(layout.certificates.items()):
        read = artifacts.read(
            path, CertificateInformation, subject=f"certificate {name}", override=("certificates", name)
        )
        if read is None or read.properties.data is None:
            continue
        place = artifacts.place(path, "properties")
        result[name] = CertificateEntity(name, place, read.properties.data, read.properties.password or "")
    return result
