"""Revisions and versions: under which paths, headers or query parameters an API is reached.

A revision that is not the current one is reached by `;rev=N` behind the API's path. A version of a version set is
reached by a segment behind the path, by a header or by a query parameter, as the set says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.manifests.apiops.artifacts import Artifacts
from tidegate.manifests.apiops.layout import ApiFolder, Layout
from tidegate.manifests.apiops.schema import ApiProperties, VersionSetInformation, VersionSetProperties
from tidegate.model import HeaderMatch, QueryMatch, ValueMatchKind

_ANY: Final = ".*"


@dataclass(frozen=True, slots=True)
class Address:
    """How the requests of one API are told from others'."""

    path: str
    """Without slashes around it; with version and revision."""
    headers: tuple[HeaderMatch, ...] = ()
    query: tuple[QueryMatch, ...] = ()
    version: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Two APIs with one key take each other's requests."""
        return (self.path.lower(), self.headers, self.query)

    @property
    def rank(self) -> int:
        """Of APIs with one path: those that want a header or a parameter come first."""
        return 0 if self.headers or self.query else 2

    @property
    def any_version(self) -> Address | None:
        """All versions of the set, those that it does not have too."""
        headers = tuple(HeaderMatch(each.name, _ANY, ValueMatchKind.REGEX) for each in self.headers)
        query = tuple(QueryMatch(each.name, _ANY, ValueMatchKind.REGEX) for each in self.query)
        return Address(self.path, headers, query) if headers or query else None


@dataclass(frozen=True)
class VersionSets:
    """The version sets of a layout."""

    layout: Layout
    artifacts: Artifacts

    def address(self, api: ApiFolder, properties: ApiProperties) -> Address | str:
        """Where an API is reached, or what is wrong with its version set."""
        path, version = properties.path.strip("/"), properties.api_version or ""
        if not properties.api_version_set_id:
            if version:
                return "is missing: `apiVersion` is given without `apiVersionSetId`"
            return Address(_revised(path, api, properties))
        set_ = self._find(properties.api_version_set_id)
        if isinstance(set_, str):
            return set_
        if not version:
            return Address(_revised(path, api, properties))  # the original of the set
        if set_.versioning_scheme == "Segment":
            return Address(_revised(f"{path}/{version}".strip("/"), api, properties), version=version)
        path = _revised(path, api, properties)
        if set_.versioning_scheme == "Header":
            if not set_.version_header_name:
                return "has the scheme Header and no `versionHeaderName`"
            return Address(path, headers=(HeaderMatch(set_.version_header_name.lower(), version),), version=version)
        if not set_.version_query_name:
            return "has the scheme Query and no `versionQueryName`"
        return Address(path, query=(QueryMatch(set_.version_query_name, version),), version=version)

    def _find(self, id_: str) -> VersionSetProperties | str:
        name = id_.rstrip("/").rpartition("/")[2]
        path = next((p for n, p in self.layout.version_sets.items() if n.lower() == name.lower()), None)
        if path is None:
            return f"`{name}` does not exist"
        information = self.artifacts.read(
            path, VersionSetInformation, subject=f"version set {name}", override=("versionSets", name)
        )
        return information.properties if information is not None else f"`{name}` is not accepted"


def is_current(api: ApiFolder, properties: ApiProperties) -> bool:
    """Whether this revision answers at the plain path."""
    if properties.is_current is not None:
        return properties.is_current
    return api.revision is None


def _revised(path: str, api: ApiFolder, properties: ApiProperties) -> str:
    if is_current(api, properties):
        return path
    return f"{path};rev={api.revision or properties.api_revision}"
