"""Objects as they were read: typed, with the node that remembers every place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from tidegate.diagnostics import Span
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.core import EndpointSlice
from tidegate.model import ObjectKey, ObjectName
from tidegate.sources import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.nodes import at

R = TypeVar("R", bound=Resource)
R_co = TypeVar("R_co", bound=Resource, covariant=True)


class State(Enum):
    """What became of the newest version of an object."""

    ACCEPTED = "accepted"
    KEPT = "kept"
    """The newest version is malformed; this is the last good one, and it goes on."""
    SALVAGED = "salvaged"
    """Malformed from the start; this is what could be read of it: enough to refuse (503) what it was meant to serve."""


@dataclass(frozen=True, slots=True)
class Object(Generic[R_co]):
    key: ObjectKey
    body: R_co
    """The whole document in its schema's type."""
    node: Mapping
    """The whole document with places."""
    state: State
    generation: int
    """metadata.generation, else counted by content: 1, and one more for each change of what is not metadata."""
    newest_generation: int
    """Of the newest version, also when that one is malformed: what conditions about the refusal speak of."""
    malformed: Mapping | None = None
    """The newest version, when that one is malformed."""

    @property
    def name(self) -> ObjectName:
        return ObjectName(self.key.namespace, self.key.name)

    @property
    def file(self) -> str:
        return self.node.span.file

    @property
    def serves(self) -> bool:
        """Whether this version may serve requests."""
        return self.state is not State.SALVAGED

    @property
    def age_key(self) -> tuple[bool, str, str]:
        """Oldest first, then by namespace/name (Gateway API, conflict resolution). Without a timestamp: youngest."""
        created = self.body.metadata.creation_timestamp
        return (created is None, created or "", f"{self.key.namespace}/{self.key.name}")

    def at(self, *path: str | int) -> Span:
        """The place of the value at `path`, or of the deepest part that is there."""
        return at(self.node, *path)

    def key_at(self, *path: str | int) -> Span:
        """The place of the key that names the value at `path`; of the value where it has no key."""
        return key_span(self.node, path)

    def with_state(self, state: State, *, newest_generation: int, malformed: Mapping | None = None) -> Object[R_co]:
        return replace(self, state=state, newest_generation=newest_generation, malformed=malformed)


AnyObject = Object[Resource]
NONE_REFUSED: Final[Mapping_[ObjectKey, int]] = MappingProxyType({})


LABELLED: Final[Mapping_[type[Resource], str]] = MappingProxyType({EndpointSlice: "kubernetes.io/service-name"})
"""Kinds of which there are thousands, and the label by which they are asked for."""


class Manifests:
    """All objects of one reading, by key; an index, not a store: `updated` makes the next reading's."""

    def __init__(self, objects: Iterable[AnyObject], refused: Mapping_[ObjectKey, int] = NONE_REFUSED) -> None:
        self._by_key: dict[ObjectKey, AnyObject] = {o.key: o for o in objects}
        grouped: dict[type[Resource], list[Any]] = {}
        for each in sorted(self._by_key.values(), key=lambda o: o.key):
            grouped.setdefault(type(each.body), []).append(each)
        self._by_schema = {schema: tuple(each) for schema, each in grouped.items()}
        self._by_namespace: dict[tuple[type[Resource], str], tuple[Any, ...]] = {}
        self._by_label: dict[tuple[type[Resource], str], dict[str, tuple[Any, ...]]] = {}
        self.refused = refused
        """Malformed objects of which nothing can be used, with their newest generation. What refers to one of them is
        not at fault: no finding of its own."""

    def by_key(self) -> dict[ObjectKey, AnyObject]:
        """A copy of the whole table."""
        return dict(self._by_key)

    def updated(
        self, objects: dict[ObjectKey, AnyObject], changed: Iterable[ObjectKey], refused: Mapping_[ObjectKey, int]
    ) -> Manifests:
        """The index of `objects`, which differ from these in `changed` only."""
        keys = tuple(changed)
        if not self._by_key or len(keys) > len(self._by_key):
            return Manifests(objects.values(), refused)
        new = Manifests((), refused)
        new._by_key = objects
        groups: dict[type[Resource], list[Any]] = {}
        for key in keys:
            before, now = self._by_key.get(key), objects.get(key)
            for each in (before, now):
                if each is not None and type(each.body) not in groups:
                    groups[type(each.body)] = list(self._by_schema.get(type(each.body), ()))
            if before is not None:
                group = groups[type(before.body)]
                del group[_place(group, key)]
            if now is not None:
                group = groups[type(now.body)]
                group.insert(_place(group, key), now)
        new._by_schema = self._by_schema | {schema: tuple(group) for schema, group in groups.items()}
        touched = {(schema, key.namespace) for schema in groups for key in keys}
        new._by_namespace = {place: group for place, group in self._by_namespace.items() if place not in touched}
        new._by_label = dict(self._by_label)
        for key in keys:
            before, now = self._by_key.get(key), objects.get(key)
            for schema in {type(each.body) for each in (before, now) if each is not None}:
                table = new._by_label.get((schema, key.namespace))
                if table is not None:
                    new._by_label[schema, key.namespace] = _relabelled(table, before, now)
        return new

    def __iter__(self) -> Iterator[AnyObject]:
        return iter(sorted(self._by_key.values(), key=lambda o: o.key))

    def of(self, schema: type[R]) -> tuple[Object[R], ...]:
        """Every object of one kind, sorted by namespace and name."""
        return self._by_schema.get(schema, ())

    def keys(self, schema: type[Resource]) -> tuple[ObjectKey, ...]:
        """The keys of every object of one kind, sorted: all that some want to know."""
        return tuple(each.key for each in self.of(schema))

    def in_namespace(self, schema: type[R], namespace: str) -> tuple[Object[R], ...]:
        """Every object of one kind in one namespace, sorted by name."""
        key = (schema, namespace)
        if key not in self._by_namespace:
            self._by_namespace[key] = tuple(o for o in self.of(schema) if o.key.namespace == namespace)
        return self._by_namespace[key]

    def labelled(self, schema: type[R], namespace: str, value: str) -> tuple[Object[R], ...]:
        """Every object of a kind of `LABELLED` in one namespace whose label has this value, sorted by name."""
        place = (schema, namespace)
        if place not in self._by_label:
            table: dict[str, tuple[Any, ...]] = {}
            for each in self.in_namespace(schema, namespace):
                label = label_of(each)
                table[label] = (*table.get(label, ()), each)
            self._by_label[place] = table
        return self._by_label[place].get(value, ())

    def is_refused(self, key: ObjectKey) -> bool:
        """Whether an object is declared but malformed, with nothing of it to use."""
        return key in self.refused

    def refused_in(self, kind: str, namespace: str) -> bool:
        """Whether a namespace has such an object of a kind."""
        return any(key.kind == kind and key.namespace == namespace for key in self.refused)

    def find(self, key: ObjectKey) -> AnyObject | None:
        """One object of whichever kind, or None."""
        return self._by_key.get(key)

    def get(self, schema: type[R], *, group: str, namespace: str, name: str) -> Object[R] | None:
        """One object, or None."""
        found: Any = self._by_key.get(ObjectKey(group, schema.kind_name(), namespace, name))
        return found  # type: ignore[no-any-return]  # the key's kind is the schema's name (a test holds it)


def label_of(each: AnyObject) -> str:
    """The label by which an object of `LABELLED` is asked for; "" where it has none."""
    return each.body.metadata.labels.get(LABELLED[type(each.body)], "")


def _relabelled(
    table: dict[str, tuple[Any, ...]], before: AnyObject | None, now: AnyObject | None
) -> dict[str, tuple[Any, ...]]:
    """The table with one object changed."""
    changed = dict(table)
    if before is not None:
        label = label_of(before)
        changed[label] = tuple(each for each in changed.get(label, ()) if each.key != before.key)
    if now is not None:
        label = label_of(now)
        changed[label] = tuple(sorted((*changed.get(label, ()), now), key=lambda each: each.key))
    return changed


def _place(group: list[Any], key: ObjectKey) -> int:
    """Where an object stands, or belongs, in a sorted group."""
    return bisect_left(group, key, key=lambda each: each.key)


def key_span(node: Node, path: tuple[str | int, ...]) -> Span:
    """The place of the last mapping key of `path` that exists; else of the deepest value."""
    span = node.span
    for step in path:
        match node:
            case Mapping(entries=entries) if isinstance(step, str) and step in entries:
                entry: Entry = entries[step]
                span, node = entry.key_span, entry.node
            case Sequence(items=items) if isinstance(step, int) and 0 <= step < len(items):
                node = items[step]
                span = node.span
            case _:
                break
    return span


def text_of(node: Node | None) -> str | None:
    """The string that a scalar node holds."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
