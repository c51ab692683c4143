"""The whole directory."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.diagnostics import Found
from tidegate.manifests.directory.applications import read_applications
from tidegate.manifests.directory.grants import Resolver
from tidegate.manifests.directory.principals import read_principals
from tidegate.manifests.directory.tenants import Tenants
from tidegate.manifests.objects import Manifests
from tidegate.model import Directory


def resolve_directory(manifests: Manifests, *, audiences: Iterable[str], found: Found) -> Directory:
    """Everything that the token service must know; `audiences` are the backends that a gateway proves itself to."""
    tenants = Tenants.of(manifests, found)
    applications = read_applications(manifests, tenants, found)
    principals = read_principals(manifests, tenants, applications, found)
    resolver = Resolver(manifests, tenants, applications, principals, found)
    return Directory(
        tenants=tenants.models(),
        applications=tuple(application for _, (_, application) in sorted(applications.items())),
        service_principals=tuple(p for _, p in sorted(principals.service_principals.items())),
        users=tuple(u for _, u in sorted(principals.users.items())),
        role_assignments=resolver.assignments(),
        permission_grants=resolver.grants(),
        workload_audiences=tuple(sorted(set(audiences))),
    )
