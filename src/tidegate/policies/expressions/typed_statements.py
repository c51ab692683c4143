"""Checked statements. Names of variables are unique; jumps name what they leave by the number of its loop or switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tidegate.diagnostics import Span
from tidegate.policies.expressions.typed import Constant, Typed
from tidegate.policies.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Block:
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Declare:
    """A new variable; without a value, of the type's default, which nobody reads before it is assigned."""

    name: str
    type: Type
    value: Typed | None


@dataclass(frozen=True, slots=True)
class DeclareFunction:
    """Local functions of one block may call each other: they are declared together, before all else in it."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    body: Typed | Block
    result: Type


@dataclass(frozen=True, slots=True)
class Run:
    value: Typed


@dataclass(frozen=True, slots=True)
class If:
    condition: Typed
    then: Block
    otherwise: Block | None


@dataclass(frozen=True, slots=True)
class Loop:
    """`while`, `for`, `do`: without a condition, forever. `steps` run before the condition is asked again."""

    number: int
    condition: Typed | None
    body: Block
    steps: tuple[Typed, ...]
    tests_first: bool


@dataclass(frozen=True, slots=True)
class ForEach:
    number: int
    name: str
    type: Type
    element: Typed
    """An element, as a Slot, cast to `type`."""
    source: Typed
    body: Block


@dataclass(frozen=True, slots=True)
class Switch:
    """Sections by their constants; the one without any is the default."""

    number: int
    value: Typed
    sections: tuple[tuple[tuple[Constant, ...], Block, bool], ...]
    """Constants, statements, and whether it is the default too."""


@dataclass(frozen=True, slots=True)
class Return:
    value: Typed | None


@dataclass(frozen=True, slots=True)
class Break:
    """Out of the loop or switch of that number."""

    number: int


@dataclass(frozen=True, slots=True)
class Continue:
    number: int


@dataclass(frozen=True, slots=True)
class Throw:
    """None throws again what the nearest catch has caught."""

    exception: Typed | None


@dataclass(frozen=True, slots=True)
class Catch:
    kind: Type | None
    """What it catches; None is everything."""
    name: str
    """The variable of the exception; never empty."""
    filter: Typed | None
    body: Block


@dataclass(frozen=True, slots=True)
class Try:
    body: Block
    catches: tuple[Catch, ...]
    last: Block | None
    span: Span


Statement: TypeAlias = (
    Block | Declare | DeclareFunction | Run | If | Loop | ForEach | Switch | Return | Break | Continue | Throw | Try
)
