"""What policy documents are made of: elements, attributes, and values in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from tidegate.diagnostics import Span
from tidegate.sources.fence import Fence
from tidegate.sources.placed import Placed
from tidegate.sources.source import Source


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text, entities decoded. `{{name}}` of named values stays in it."""

    placed: Placed

    @property
    def text(self) -> str:
        return self.placed.text

    @property
    def span(self) -> Span:
        return self.placed.whole


@dataclass(frozen=True, slots=True)
class Expression:
    """A C# expression or statement block, without its fence; `{{name}}` stays in it too."""

    fence: Fence

    @property
    def code(self) -> Placed:
        """The C# between the brackets, with the place of each character."""
        return self.fence.code

    @property
    def is_block(self) -> bool:
        """`@{...}`: statements that return; otherwise `@(...)`: one expression."""
        return self.fence.kind == "{"

    @property
    def span(self) -> Span:
        """With the fence: from `@` to the closing bracket."""
        return self.fence.code.source.span(self.fence.start, self.fence.end)


Part: TypeAlias = Text | Expression
Value: TypeAlias = tuple[Part, ...]
"""A value in pieces. Most have one; `()` is the empty value. Pieces of white space only around an expression are left
out, as Azure does; what else stands beside an expression is a piece of its own."""


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    name_span: Span
    value: Value
    span: Span
    """Of the value, between its quotes."""


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    name_span: Span
    attributes: dict[str, Attribute]
    """In the order of the file."""
    content: tuple[Element | Text | Expression, ...]
    """Children and text in order; text of white space only is left out."""
    span: Span
    """From `<` to the end of the closing tag."""
    source: Source = field(repr=False)
    between: tuple[int, int]
    """Offsets of what stands between its tags."""

    @property
    def inner(self) -> Placed:
        """All between its tags, markup too, as the source has it."""
        start, end = self.between
        return Placed(self.source.text[start:end], self.source, ((0, start),))

    def __iter__(self) -> Iterator[Element]:
        """The child elements."""
        return (item for item in self.content if isinstance(item, Element))

    @property
    def value(self) -> Value:
        """The text, without child elements."""
        return tuple(item for item in self.content if not isinstance(item, Element))
