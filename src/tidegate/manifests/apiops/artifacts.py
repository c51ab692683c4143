"""The layout's JSON and OpenAPI files, each in its last good version, each looked at once for as long as it stays."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tidegate.diagnostics import Diagnostic, Found, Span
from tidegate.manifests.apiops.overrides import Overrides, overridden
from tidegate.manifests.apiops.specification import Specification, read_specification
from tidegate.manifests.check import check
from tidegate.manifests.reading import Reading
from tidegate.manifests.schema import Schema
from tidegate.sources import Node
from tidegate.sources.nodes import at

if TYPE_CHECKING:
    from tidegate.manifests.apiops.layout import Layout
    from tidegate.manifests.plan import PolicySource, RoutePlan

S = TypeVar("S", bound=Schema)


@dataclass(frozen=True, slots=True)
class Looked:
    """What one tree came to, for as long as it is that very tree."""

    root: Node | None
    value: object
    """None: malformed."""
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ApiRoutes:
    """What one API came to, for as long as nothing that it was made of changes."""

    key: Hashable
    routes: tuple[RoutePlan, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class ArtifactMemory:
    """For the next reading: last good versions, and what need not be worked out again."""

    schemas: AbstractMapping[str, Schema] = field(default_factory=dict)
    """By path."""
    specifications: AbstractMapping[str, Specification] = field(default_factory=dict)
    looked: AbstractMapping[tuple[str, type[object]], Looked] = field(default_factory=dict)
    apis: AbstractMapping[str, ApiRoutes] = field(default_factory=dict)
    policies: AbstractMapping[str, PolicySource] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    """Every file of the layout."""
    names: tuple[str, ...] = ()
    """Every path that the layout was made of, and the layout: equal paths, equal layout."""
    layout: Layout | None = None


@dataclass
class Artifacts:
    """Reads files, falls back on their last good versions, and remembers the new ones."""

    readings: AbstractMapping[str, Reading]
    before: ArtifactMemory
    found: Found
    overrides: Overrides = field(default_factory=Overrides)
    schemas: dict[str, Schema] = field(default_factory=dict)
    specifications: dict[str, Specification] = field(default_factory=dict)
    looked: dict[tuple[str, type[object]], Looked] = field(default_factory=dict)

    def root(self, path: str) -> Node | None:
        """The tree of a file, None where it cannot be read."""
        reading = self.readings.get(path)
        return reading.roots[0] if reading is not None and reading.roots else None

    def place(self, path: str, *steps: str) -> Span:
        """A place in a file, as near as its tree allows."""
        root = self.root(path)
        return at(root, *steps) if root is not None else Span(path, 1, 1, 1, 1)

    def read(self, path: str, schema: type[S], *, subject: str, override: tuple[str, str] | None = None) -> S | None:
        """A JSON file in its schema's type: the newest if it is well formed, else the last good one, else None.

        `override` names the section and the entry of the environment's configuration that go over the file.
        """
        root = self.root(path)
        if root is not None and override is not None:
            root = overridden(root, self.overrides.get(*override))
        value = self._look(path, schema, root, subject) if root is not None else None
        if value is None:
            last = self.before.schemas.get(path)
            value = last if isinstance(last, schema) else None
        if value is not None:
            self.schemas[path] = value
        return value

    def _look(self, path: str, schema: type[S], root: Node, subject: str) -> S | None:
        looked = self.before.looked.get((path, schema))
        if looked is None or looked.root is not root:
            found = Found()
            looked = Looked(root, check(root, schema, subject=subject, found=found)[0], found.sorted())
        self.looked[path, schema] = looked
        if looked.diagnostics:
            self.found.extend(looked.diagnostics)
        return looked.value if isinstance(looked.value, schema) else None

    def read_specification(self, path: str, api: str) -> Specification | None:
        """A specification, by the same rule."""
        root, value = self.root(path), None
        if root is not None:
            looked = self.before.looked.get((path, Specification))
            if looked is None or looked.root is not root:
                found = Found()
                looked = Looked(root, read_specification(root, api, found), found.sorted())
            self.looked[path, Specification] = looked
            if looked.diagnostics:
                self.found.extend(looked.diagnostics)
            value = looked.value if isinstance(looked.value, Specification) else None
        if value is None:
            value = self.before.specifications.get(path)
        if value is not None:
            self.specifications[path] = value
        return value
