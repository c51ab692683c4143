"""The syntax tree of policy expressions: the part of C# that Tidegate reads.

Nodes are values: two trees are equal when they mean the same text, wherever it stood, so spans take no part in
comparison. Parentheses are not kept; the printer adds those that the grammar needs.

`a?.b.c` is one `ConditionalAccess`: if `a` is null the whole rest of the chain is skipped (C# section 12.8.8), so the
rest is a tree of its own, in which `Receiver` stands for the value that was not null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tidegate.diagnostics import Span


class Operator(StrEnum):
    """Binary operators, weakest first; see PRECEDENCE in the printer."""

    COALESCE = "??"
    OR = "||"
    AND = "&&"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    GREATER = ">"
    LESS_EQUAL = "<="
    GREATER_EQUAL = ">="
    ADD = "+"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: `string`, `Jwt`, `string[]`."""

    name: str
    span: Span = field(compare=False, repr=False)
    rank: int = 0
    """1 for an array."""

    def __str__(self) -> str:
        return self.name + "[]" * self.rank


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, 32-bit integer, boolean or null."""

    value: str | int | bool | None
    span: Span = field(compare=False, repr=False)

    # True == 1 in Python, but not in C#.
    kind: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", type(self.value).__name__)


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`$"a{b}c"`: literal texts and expressions, in order; texts are never empty nor adjacent. Never without parts."""

    parts: tuple[str | Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A single identifier: `context`, `String`."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Receiver:
    """The value before the nearest `?.`."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`, with type arguments where given: `Variables.GetValueOrDefault<string>`."""

    target: Expression
    name: str
    name_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)
    type_arguments: tuple[TypeName, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    function: Expression
    arguments: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`target[index]`."""

    target: Expression
    index: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ConditionalAccess:
    """`target?.chain`."""

    target: Expression
    chain: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    type: TypeName
    operand: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    operator: Operator
    left: Expression
    right: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ArrayCreation:
    """`new [] {a, b}`, `new string[] {a}`, `new string[0]`."""

    element: TypeName | None
    items: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


Expression: TypeAlias = (
    Literal
    | Interpolation
    | Name
    | Receiver
    | Member
    | Call
    | Index
    | ConditionalAccess
    | Cast
    | Not
    | Binary
    | Conditional
    | ArrayCreation
)
