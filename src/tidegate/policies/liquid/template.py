"""A Liquid template: what it becomes, and what it asks of `context`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Span


@dataclass(frozen=True, slots=True)
class ContextUse:
    """C# that a template asks of `context`, and where."""

    code: str
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    text: str
    lua: str
    """A Lua function, in one line."""
    context: tuple[ContextUse, ...]
    """`B[1]` and on."""
