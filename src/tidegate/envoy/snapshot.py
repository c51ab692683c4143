"""A whole, checked configuration for one Envoy.

`Snapshot.of` is the only way to build one, and it is the check: whatever a resource refers to is there, and nothing is
there that no resource refers to. Versions are hashes of content, so equal configuration is never sent twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from tidegate.envoy.parts import SHAPES, Part, canonical, digest_of, needs_of
from tidegate.envoy.resources import CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET, TYPE_URLS, JsonObject, ResourceName

__all__ = [
    "CLUSTER",
    "ENDPOINT",
    "LISTENER",
    "ROUTE",
    "SECRET",
    "TYPE_URLS",
    "InconsistentSnapshot",
    "JsonObject",
    "ResourceName",
    "Snapshot",
    "canonical",
]

_ROOTS: Final = frozenset({LISTENER})
"""Nothing refers to a listener; everything else is there because something does."""

_VERSION_BYTES: Final = 8


class InconsistentSnapshot(ValueError):
    """A resource refers to one that is not there, or one is there that nothing refers to. Our own mistake."""


@dataclass(frozen=True, eq=False)
class Table:
    """All resources of one type."""

    type_url: str
    resources: Mapping[str, Part]
    """By name, sorted."""

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The version of each resource: a hash of its content, compared only for equality."""
        shape = SHAPES[self.type_url]
        return {name: digest_of(each, shape)[:_VERSION_BYTES].hex() for name, each in self.resources.items()}

    @cached_property
    def needs(self) -> frozenset[ResourceName]:
        """Everything that one of them refers to."""
        return frozenset().union(*[needs_of(each, self.type_url) for each in self.resources.values()])

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal: equal content, equal digest."""
        return hashlib.sha256(canonical(self.versions)).hexdigest()

    def with_resources(self, resources: Mapping[str, JsonObject]) -> Table:
        """These instead; this very table if they are equal."""
        if resources == self.resources:
            return self
        made = {name: each if isinstance(each, Part) else Part(each) for name, each in sorted(resources.items())}
        return Table(self.type_url, MappingProxyType(made))


_EMPTY: Final = tuple(Table(type_url, MappingProxyType({})) for type_url in TYPE_URLS)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Build with `Snapshot.of`, which is the check."""

    tables: tuple[Table, ...]
    """In the order of TYPE_URLS."""
    external_secrets: frozenset[str] = frozenset()
    """Secrets that are referred to but made by the shell; `with_secrets` adds them."""

    @classmethod
    def of(
        cls,
        resources: Mapping[str, Mapping[str, JsonObject]],
        *,
        external_secrets: Iterable[str] = (),
        before: Snapshot | None = None,
    ) -> Snapshot:
        """Check and freeze. Raises InconsistentSnapshot with every mismatch found.

        `before` was checked: what is equal in both is taken over, and need not be looked at again.
        """
        unknown = sorted(set(resources) - set(TYPE_URLS))
        if unknown:
            raise InconsistentSnapshot(f"type URLs {unknown} are not served; known are {list(TYPE_URLS)}")
        last = before.tables if before is not None else _EMPTY
        tables = tuple(table.with_resources(resources.get(table.type_url, {})) for table in last)
        snapshot = cls(tables, frozenset(external_secrets))
        mistakes = sorted(_mistakes(snapshot, before))
        if mistakes:
            raise InconsistentSnapshot("; ".join(mistakes))
        return snapshot

    def with_secrets(self, secrets: Mapping[str, JsonObject], *, before: Snapshot | None = None) -> Snapshot:
        """This snapshot with secrets that the shell made; what is equal to those of `before` is taken over.

        Raises InconsistentSnapshot for one that nobody asked for.
        """
        strangers = sorted(secrets.keys() - self.external_secrets)
        if strangers:
            raise InconsistentSnapshot(f"nothing refers to the secrets {strangers}")
        # What did not change keeps its versions: a token renewed every few minutes must not rehash every route.
        own = self.table(SECRET)
        last = before.table(SECRET) if before is not None else own
        filled = last.with_resources({**own.resources, **secrets})
        tables = tuple(filled if table is own else table for table in self.tables)
        return Snapshot(tables, self.external_secrets - secrets.keys())

    @cached_property
    def resources(self) -> Mapping[str, Mapping[str, JsonObject]]:
        """type URL -> name -> resource; type URLs in the order of TYPE_URLS, names sorted."""
        return MappingProxyType({table.type_url: table.resources for table in self.tables})

    @cached_property
    def versions(self) -> Mapping[ResourceName, str]:
        """The version of each resource."""
        return MappingProxyType(
            {
                ResourceName(table.type_url, name): version
                for table in self.tables
                for name, version in table.versions.items()
            }
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal: equal configuration, equal digest."""
        return hashlib.sha256("".join(table.digest for table in self.tables).encode()).hexdigest()

    def table(self, type_url: str) -> Table:
        """All resources of one type."""
        return self.tables[TYPE_URLS.index(type_url)]

    def __iter__(self) -> Iterator[tuple[ResourceName, JsonObject]]:
        """Every resource, what is referred to before what refers to it."""
        for table in self.tables:
            for name, resource in table.resources.items():
                yield ResourceName(table.type_url, name), resource


def _mistakes(snapshot: Snapshot, before: Snapshot | None) -> Iterator[str]:
    last = before.tables if before is not None else _EMPTY
    for table, old in zip(snapshot.tables, last, strict=True):
        for name, resource in table.resources.items():
            if resource is not old.resources.get(name) and resource.get("name", resource.get("cluster_name")) != name:
                yield f"{ResourceName(table.type_url, name)} is filed under a name that is not its own"
    if before is not None and before.external_secrets == snapshot.external_secrets:
        pairs = zip(snapshot.tables, before.tables, strict=True)
        if all(
            table is old or (table.needs == old.needs and table.resources.keys() == old.resources.keys())
            for table, old in pairs
        ):
            return
    present = {ResourceName(table.type_url, name) for table in snapshot.tables for name in table.resources}
    present |= {ResourceName(SECRET, name) for name in snapshot.external_secrets}
    referred = frozenset[ResourceName]().union(*[table.needs for table in snapshot.tables])
    if not referred <= present:
        for table in snapshot.tables:
            for name, resource in table.resources.items():
                for target in needs_of(resource, table.type_url) - present:
                    yield f"{ResourceName(table.type_url, name)} refers to {target}, which is not there"
    for stray in present - referred:
        if stray.type_url not in _ROOTS:
            yield f"nothing refers to {stray}"
