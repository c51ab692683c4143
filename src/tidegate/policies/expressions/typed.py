"""Checked expressions: every node has a type, every member is one row of the table. What `emit` writes as Lua."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tidegate.diagnostics import Span
from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import BOOL, STRING, STRING_ARRAY, Type


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int | bool | None
    type: Type
    span: Span

    @property
    def nullable(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Ambient:
    """`context` and what it leads to: known where the expression runs, so nothing needs computing."""

    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """The value before the nearest `?.`, not null any more."""

    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """A member of a value: property, method or indexer."""

    row: MemberRow
    receiver: Typed
    arguments: tuple[Typed, ...]
    span: Span
    nullable: bool

    @property
    def type(self) -> Type:
        return self.row.result


@dataclass(frozen=True, slots=True)
class Unboxed:
    """A cast from object, checked at run time; with `default`, `GetValueOrDefault<T>` of a variable."""

    operand: Typed
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class VariableOrDefault:
    """`context.Variables.GetValueOrDefault<T>(name, default)`."""

    name: Typed
    default: Typed | None
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """`target?.body`; null if `target` is."""

    target: Typed
    body: Typed
    span: Span
    nullable: bool = True

    @property
    def type(self) -> Type:
        return self.body.type


@dataclass(frozen=True, slots=True)
class Coalesce:
    left: Typed
    right: Typed
    span: Span

    @property
    def type(self) -> Type:
        return self.left.type

    @property
    def nullable(self) -> bool:
        return self.right.nullable


@dataclass(frozen=True, slots=True)
class Choice:
    condition: Typed
    then: Typed
    otherwise: Typed
    type: Type
    span: Span

    @property
    def nullable(self) -> bool:
        return self.then.nullable or self.otherwise.nullable


@dataclass(frozen=True, slots=True)
class Logic:
    """`and`, `or` of booleans; the right side runs only if it decides."""

    word: str
    left: Typed
    right: Typed
    span: Span
    type: Type = BOOL
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Equality and order of values of one type; `sign` is Lua's."""

    sign: str
    left: Typed
    right: Typed
    span: Span
    type: Type = BOOL
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Typed
    span: Span
    type: Type = BOOL
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Concatenation; each part as its ToString, null as nothing."""

    parts: tuple[Typed, ...]
    span: Span
    type: Type = STRING
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple[Typed, ...]
    span: Span
    type: Type = STRING_ARRAY
    nullable: bool = False


Typed: TypeAlias = (
    Constant
    | Ambient
    | Slot
    | Use
    | Unboxed
    | VariableOrDefault
    | Chain
    | Coalesce
    | Choice
    | Logic
    | Compare
    | Negation
    | Text
    | Array
)
