"""Located values: what YAML and JSON files are made of.

A node is a scalar, a sequence or a mapping; each knows the span it was read from. Mapping keys are always strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tidegate.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A null, boolean, integer, float or string."""

    value: str | int | float | bool | None
    span: Span
    text: str
    """As the author wrote it, without quotes; equal to `value` for strings."""


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value."""

    key: str
    key_span: Span
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys are unique; their order is the file's."""

    entries: dict[str, Entry]
    span: Span

    def get(self, key: str) -> Node | None:
        entry = self.entries.get(key)
        return entry.node if entry else None


Node: TypeAlias = Scalar | Sequence | Mapping


def to_plain(node: Node) -> object:
    """The value without places: dicts, lists, strings, numbers, booleans, None. Iterative inputs are depth-limited by
    the readers, so recursion is safe."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [to_plain(item) for item in items]
        case Mapping(entries=entries):
            return {key: to_plain(entry.node) for key, entry in entries.items()}


def at(node: Node, *path: str | int) -> Span:
    """The span of the value at `path`; of the deepest part of the path that exists otherwise."""
    for step in path:
        match node:
            case Mapping(entries=entries) if isinstance(step, str) and step in entries:
                node = entries[step].node
            case Sequence(items=items) if isinstance(step, int) and 0 <= step < len(items):
                node = items[step]
            case _:
                break
    return node.span
