"""The layout's JSON and OpenAPI files, each in its last good version."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import TypeVar

from tidegate.diagnostics import Found
from tidegate.manifests.apiops.specification import Operation, read_operations
from tidegate.manifests.check import check
from tidegate.manifests.reading import Reading
from tidegate.manifests.schema import Schema
from tidegate.sources import Node

S = TypeVar("S", bound=Schema)


@dataclass(frozen=True)
class ArtifactMemory:
    """Last good versions by path."""

    schemas: AbstractMapping[str, Schema] = field(default_factory=dict)
    operations: AbstractMapping[str, tuple[Operation, ...]] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    """Every file of the layout."""


@dataclass
class Artifacts:
    """Reads files, falls back on their last good versions, and remembers the new ones."""

    readings: AbstractMapping[str, Reading]
    before: ArtifactMemory
    found: Found
    schemas: dict[str, Schema] = field(default_factory=dict)
    operations: dict[str, tuple[Operation, ...]] = field(default_factory=dict)

    def root(self, path: str) -> Node | None:
        """The tree of a file, None where it cannot be read."""
        reading = self.readings.get(path)
        return reading.roots[0] if reading is not None and reading.roots else None

    def read(self, path: str, schema: type[S], *, subject: str) -> S | None:
        """A JSON file in its schema's type: the newest if it is well formed, else the last good one, else None."""
        root = self.root(path)
        value = check(root, schema, subject=subject, found=self.found)[0] if root is not None else None
        if value is None:
            last = self.before.schemas.get(path)
            value = last if isinstance(last, schema) else None
        if value is not None:
            self.schemas[path] = value
        return value

    def read_operations(self, path: str, api: str) -> tuple[Operation, ...] | None:
        """The operations of a specification, by the same rule."""
        root = self.root(path)
        operations = read_operations(root, api, self.found) if root is not None else None
        if operations is None:
            operations = self.before.operations.get(path)
        if operations is not None:
            self.operations[path] = operations
        return operations
