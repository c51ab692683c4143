"""A whole, checked configuration for one Envoy.

`Snapshot.of` is the only way to build one, and it is the check: whatever a resource refers to is there, and nothing is
there that no resource refers to. Versions are hashes of content, so equal configuration is never sent twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from tidegate.envoy.references import references
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

_VERSION_LENGTH: Final = 16


class InconsistentSnapshot(ValueError):
    """A resource refers to one that is not there, or one is there that nothing refers to. Our own mistake."""


def canonical(resource: object) -> bytes:
    """Equal content, equal bytes."""
    return json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Snapshot:
    """Build with `Snapshot.of`, which is the check."""

    resources: Mapping[str, Mapping[str, JsonObject]]
    """type URL -> name -> resource; type URLs in the order of TYPE_URLS, names sorted."""
    external_secrets: frozenset[str] = frozenset()
    """Secrets that are referred to but made by the shell; `with_secrets` adds them."""

    @classmethod
    def of(
        cls,
        resources: Mapping[str, Mapping[str, JsonObject]],
        *,
        external_secrets: Iterable[str] = (),
    ) -> Snapshot:
        """Check and freeze. Raises InconsistentSnapshot with every mismatch found."""
        unknown = sorted(set(resources) - set(TYPE_URLS))
        if unknown:
            raise InconsistentSnapshot(f"type URLs {unknown} are not served; known are {list(TYPE_URLS)}")
        snapshot = cls(
            MappingProxyType(
                {url: MappingProxyType(dict(sorted(resources.get(url, {}).items()))) for url in TYPE_URLS}
            ),
            frozenset(external_secrets),
        )
        mistakes = sorted(_mistakes(snapshot))
        if mistakes:
            raise InconsistentSnapshot("; ".join(mistakes))
        return snapshot

    def with_secrets(self, secrets: Mapping[str, JsonObject]) -> Snapshot:
        """This snapshot with secrets that the shell made. Raises InconsistentSnapshot for one that nobody asked for."""
        strangers = sorted(set(secrets) - self.external_secrets)
        if strangers:
            raise InconsistentSnapshot(f"nothing refers to the secrets {strangers}")
        merged = dict(sorted({**self.resources[SECRET], **secrets}.items()))
        filled = Snapshot(
            MappingProxyType({**self.resources, SECRET: MappingProxyType(merged)}),
            self.external_secrets - set(secrets),
        )
        # What did not change keeps its versions: a token renewed every few minutes must not rehash every route.
        known = self.__dict__.get("versions")
        if known is not None:
            added = {ResourceName(SECRET, name): _version(resource) for name, resource in secrets.items()}
            filled.__dict__["versions"] = MappingProxyType({**known, **added})
        return filled

    @cached_property
    def versions(self) -> Mapping[ResourceName, str]:
        """The version of each resource: a hash of its content, compared only for equality."""
        return MappingProxyType({name: _version(resource) for name, resource in self})

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal: equal configuration, equal digest."""
        rows = sorted((name.type_url, name.name, version) for name, version in self.versions.items())
        return hashlib.sha256(canonical(rows)).hexdigest()

    def __iter__(self) -> Iterator[tuple[ResourceName, JsonObject]]:
        """Every resource, what is referred to before what refers to it."""
        for type_url, named in self.resources.items():
            for name, resource in named.items():
                yield ResourceName(type_url, name), resource


def _version(resource: JsonObject) -> str:
    return hashlib.sha256(canonical(resource)).hexdigest()[:_VERSION_LENGTH]


def _mistakes(snapshot: Snapshot) -> Iterator[str]:
    present = {name for name, _ in snapshot} | {ResourceName(SECRET, name) for name in snapshot.external_secrets}
    referred: set[ResourceName] = set()
    for name, resource in snapshot:
        if resource.get("name", resource.get("cluster_name")) != name.name:
            yield f"{name} is filed under a name that is not its own"
        for target in references(name.type_url, resource):
            referred.add(target)
            if target not in present:
                yield f"{name} refers to {target}, which is not there"
    for name in present - referred:
        if name.type_url not in _ROOTS:
            yield f"nothing refers to {name}"
