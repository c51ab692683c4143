"""Which tenant a Graph object belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import identity as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.objects import AnyObject, Manifests, Object
from tidegate.manifests.schema.graph import Organization
from tidegate.model import Tenant

ANNOTATION = "tidegate.dev/tenant"


@dataclass(frozen=True)
class Tenants:
    organizations: tuple[Object[Organization], ...]
    complete: bool = True
    """False when an Organization is malformed: which tenant was meant cannot be told, and that is said there."""

    @classmethod
    def of(cls, manifests: Manifests, found: Found) -> Tenants:
        """All Organizations; of two with one id the first counts."""
        seen: dict[str, Object[Organization]] = {}
        for each in manifests.of(Organization):
            other = seen.setdefault(each.body.spec.id, each)
            if other is not each:
                found.add(
                    codes.IDENTIFIER_TAKEN,
                    at=each.at("spec", "id"),
                    object=each.key,
                    field="id",
                    other=other.key,
                    value=each.body.spec.id,
                )
        complete = not any(key.kind == "Organization" for key in manifests.refused)
        return cls(tuple(seen.values()), complete)

    def models(self) -> tuple[Tenant, ...]:
        """Sorted by id."""
        tenants = []
        for each in self.organizations:
            domains = sorted(each.body.spec.verified_domains, key=lambda d: (not d.is_default, d.name))
            tenants.append(Tenant(each.body.spec.id, each.body.spec.display_name, tuple(d.name for d in domains)))
        return tuple(sorted(tenants, key=lambda t: t.id))

    def tenant_of(self, each: AnyObject, found: Found) -> str | None:
        """The annotation's, else the one of the namespace, else the only one; None (and TG6001) otherwise."""
        wanted = each.body.metadata.annotations.get(ANNOTATION)
        if wanted is not None:
            for organization in self.organizations:
                if wanted in (organization.key.name, organization.body.spec.id):
                    return organization.body.spec.id
            if self.complete:
                found.add(
                    codes.TENANT_UNKNOWN,
                    at=each.at("metadata", "annotations", ANNOTATION),
                    object=each.key,
                    help=did_you_mean(wanted, [o.key.name for o in self.organizations]),
                )
            return None
        here = [o for o in self.organizations if o.key.namespace == each.key.namespace]
        candidates = here or list(self.organizations)
        if len(candidates) == 1:
            return candidates[0].body.spec.id
        if not self.complete:
            return None
        many = "several could be meant" if candidates else "none is declared"
        found.add(
            codes.TENANT_UNKNOWN,
            at=each.at("metadata", "name"),
            object=each.key,
            label=many,
            help=f"name one with annotation `{ANNOTATION}`" if candidates else "add an Organization",
        )
        return None
