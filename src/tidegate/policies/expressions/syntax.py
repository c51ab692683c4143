"""The syntax tree of policy expressions: the part of C# 7 that Tidegate reads.

Nodes are values: two trees are equal when they mean the same text, wherever it stood, so spans take no part in
comparison. Parentheses are not kept; the printer adds those that the grammar needs.

`a?.b.c` is one `ConditionalAccess`: if `a` is null the whole rest of the chain is skipped (C# section 12.8.8), so the
rest is a tree of its own, in which `Receiver` stands for the value that was not null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from tidegate.diagnostics import Span

if TYPE_CHECKING:
    from tidegate.policies.expressions.statements import Block


class Operator(StrEnum):
    """Binary operators, weakest first; see PRECEDENCE."""

    COALESCE = "??"
    OR = "||"
    AND = "&&"
    BIT_OR = "|"
    BIT_XOR = "^"
    BIT_AND = "&"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    GREATER = ">"
    LESS_EQUAL = "<="
    GREATER_EQUAL = ">="
    SHIFT_LEFT = "<<"
    SHIFT_RIGHT = ">>"
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    REMAINDER = "%"


PRECEDENCE: Final = {
    Operator.COALESCE: 1,
    Operator.OR: 2,
    Operator.AND: 3,
    Operator.BIT_OR: 4,
    Operator.BIT_XOR: 5,
    Operator.BIT_AND: 6,
    Operator.EQUAL: 7,
    Operator.NOT_EQUAL: 7,
    Operator.LESS: 8,
    Operator.GREATER: 8,
    Operator.LESS_EQUAL: 8,
    Operator.GREATER_EQUAL: 8,
    Operator.SHIFT_LEFT: 9,
    Operator.SHIFT_RIGHT: 9,
    Operator.ADD: 10,
    Operator.SUBTRACT: 10,
    Operator.MULTIPLY: 11,
    Operator.DIVIDE: 11,
    Operator.REMAINDER: 11,
}
"""C# section 12.4.2, weakest first. `is` and `as` stand with the comparisons."""
RELATIONAL: Final = 8


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: `string`, `Jwt`, `List<int?>[]`. Arrays are `[]`, nullable types `?`."""

    name: str
    """May be qualified: `System.Text.Encoding`."""
    span: Span = field(compare=False, repr=False)
    arguments: tuple[TypeName, ...] = ()

    def __str__(self) -> str:
        if self.name in ("[]", "?"):
            return f"{self.arguments[0]}{self.name}"
        return self.name + (f"<{', '.join(map(str, self.arguments))}>" if self.arguments else "")


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `kind` names its type. Characters are their UTF-16 unit, decimals their digits as written."""

    value: str | int | float | bool | None
    kind: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hole:
    """`{value,alignment:format}` of an interpolated string."""

    value: Expression
    alignment: Expression | None = None
    format: str = ""


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`$"a{b}c"`: literal texts and holes, in order; texts are never empty nor adjacent."""

    parts: tuple[str | Hole, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A single identifier: `context`, `String`, `List<int>`."""

    name: str
    span: Span = field(compare=False, repr=False)
    type_arguments: tuple[TypeName, ...] = ()


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
class Argument:
    """One argument of a call: by place, or by the parameter's name."""

    value: Expression
    name: str = ""


@dataclass(frozen=True, slots=True)
class Out:
    """`out x`, `out var x`, `out int x`: where an out parameter goes. Stands only as an argument."""

    name: str
    type: TypeName | None
    """None where the variable is there already."""
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: Expression
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`target[index]`."""

    target: Expression
    arguments: tuple[Argument, ...]
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
class Unary:
    """`!`, `-`, `+`, `~`."""

    operator: str
    operand: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """`++x`, `x--`."""

    operator: str
    """`++` or `--`."""
    operand: Expression
    is_prefix: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    operator: Operator
    left: Expression
    right: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is:
    """`operand is T`, `operand is T name`. `operand is null` is `== null`."""

    operand: Expression
    type: TypeName
    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class As:
    operand: Expression
    type: TypeName
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target = value`, `target += value`; `operator` is the one before `=`, if any."""

    operator: Operator | None
    target: Expression
    value: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of a lambda or local function."""

    name: str
    type: TypeName | None
    span: Span = field(compare=False, repr=False)
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Lambda:
    parameters: tuple[Parameter, ...]
    body: Expression | Block
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setter:
    """One item of an initializer: `Name = value`, `[key] = value`, `value`, or `{key, value}`."""

    name: str
    """ "" for all but the first form."""
    keys: tuple[Expression, ...]
    """Of the second form."""
    values: tuple[Expression | Initializer, ...]
    """One; several for the last form."""
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Initializer:
    """`{...}` behind `new T()`."""

    items: tuple[Setter, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class New:
    """`new T(arguments) {initializer}`."""

    type: TypeName
    arguments: tuple[Argument, ...]
    initializer: Initializer | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """`new { Name = value, x.Y }`."""

    fields: tuple[tuple[str, Expression], ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ArrayCreation:
    """`new [] {a, b}`, `new string[] {a}`, `new byte[16]`."""

    element: TypeName | None
    size: Expression | None
    items: tuple[Expression, ...] | None
    """None where only the size is given."""
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ArrayItems:
    """`{a, b}` as the initializer of an array variable: `int[] x = {1, 2};`."""

    items: tuple[Expression, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TypeOf:
    type: TypeName
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Default:
    """`default(T)`, `default`."""

    type: TypeName | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """`checked(x)`, `unchecked(x)`."""

    operand: Expression
    is_checked: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ThrowValue:
    """`throw e` where a value may stand."""

    exception: Expression
    span: Span = field(compare=False, repr=False)


Expression: TypeAlias = (
    Literal | Interpolation | Name | Receiver | Member | Out | Call | Index | ConditionalAccess | Cast | Unary | Step
    | Binary | Is | As | Conditional | Assignment | Lambda | New | Anonymous | ArrayCreation | ArrayItems | TypeOf
    | Default | Checked | ThrowValue
)  # fmt: skip
