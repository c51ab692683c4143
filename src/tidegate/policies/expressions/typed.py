"""Checked expressions: every node has a type, every conversion is written out. What `emit` writes as Lua.

Plain data: a tree is all that an evaluator needs, with the rows of members. Local variables have names that are unique
in their expression. `nullable` says whether a value may be null, which a type says only of value types.

The file is long because it is one list: who reads trees sees every kind of node in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tidegate.diagnostics import Span
from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import BOOL, STRING, Type

if TYPE_CHECKING:
    from tidegate.policies.expressions.typed_statements import Block


@dataclass(frozen=True, slots=True)
class Constant:
    """Characters are their UTF-16 unit; decimals are their digits as a text."""

    value: str | int | float | bool | None
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
class Local:
    """A variable or parameter of the expression."""

    name: str
    type: Type
    span: Span
    nullable: bool
    is_shared: bool = False
    """Whether a function of the expression may change it at any call."""


@dataclass(frozen=True, slots=True)
class Use:
    """A member of a value or of a type: property, method, indexer, constructor, operator, conversion."""

    row: MemberRow
    receiver: Typed
    arguments: tuple[Typed, ...]
    """Of `params`, as many as are given. Out parameters are left out."""
    type: Type
    span: Span
    nullable: bool
    names: tuple[tuple[str, Type], ...] = ()
    """What the type variables of the row stand for, by name."""
    defaults: tuple[str, ...] = ()
    """Lua texts of the optional arguments that are not given."""
    outs: tuple[str, ...] = ()
    """Variables that take the out parameters, in order."""


@dataclass(frozen=True, slots=True)
class Set:
    """`receiver.Name = value`, `receiver[arguments] = value`; the value of the whole is `value`."""

    row: MemberRow
    receiver: Typed
    arguments: tuple[Typed, ...]
    value: Typed
    type: Type
    span: Span
    nullable: bool
    names: tuple[tuple[str, Type], ...] = ()


@dataclass(frozen=True, slots=True)
class Assign:
    """`name = value` of a variable, and the value of that."""

    name: str
    value: Typed
    span: Span

    @property
    def type(self) -> Type:
        return self.value.type

    @property
    def nullable(self) -> bool:
        return self.value.nullable


@dataclass(frozen=True, slots=True)
class Let:
    """Values that are worked out once and have a name in `body`; then `effects`, then the value of `body`."""

    bindings: tuple[tuple[str, Typed], ...]
    effects: tuple[Typed, ...]
    body: Typed
    span: Span

    @property
    def type(self) -> Type:
        return self.body.type

    @property
    def nullable(self) -> bool:
        return self.body.nullable


@dataclass(frozen=True, slots=True)
class Unboxed:
    """A cast from object or to a derived type, checked at run time."""

    operand: Typed
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class Boxed:
    """A value as `object`. `type` says what it was, for those who keep more than the value."""

    operand: Typed
    span: Span

    @property
    def type(self) -> Type:
        return self.operand.type

    @property
    def nullable(self) -> bool:
        return self.operand.nullable


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number as another type of number; enumerations count as their number."""

    operand: Typed
    type: Type
    is_checked: bool
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Same:
    """A value as another type that has it the same way at run time: a base type, an interface, `T?` of a T."""

    operand: Typed
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class TypeTest:
    """`operand is T`; with `is_cast`, `operand as T`."""

    operand: Typed
    tested: Type
    is_cast: bool
    span: Span

    @property
    def type(self) -> Type:
        return self.tested if self.is_cast else BOOL

    @property
    def nullable(self) -> bool:
        return self.is_cast


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
    type: Type
    span: Span
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Coalesce:
    left: Typed
    right: Typed
    type: Type
    span: Span

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
    """`and`, `or` of booleans; the next operand runs only if it decides."""

    word: str
    operands: tuple[Typed, ...]
    span: Span
    type: Type = BOOL
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """Equality and order of values of one type, or with null; `sign` is Lua's."""

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
class Arithmetic:
    """`+ - * / % & | ^ << >>` of two numbers (or booleans) of one type; of shifts, the right side is an int."""

    operator: str
    left: Typed
    right: Typed
    type: Type
    is_checked: bool
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Minus:
    """`-` and `~` of a number."""

    operator: str
    operand: Typed
    type: Type
    is_checked: bool
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Concatenation; each part as its ToString, null as nothing."""

    parts: tuple[Typed, ...]
    span: Span
    type: Type = STRING
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Formatted:
    """`{value,alignment:format}`."""

    operand: Typed
    alignment: int
    format: str
    span: Span
    type: Type = STRING
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    items: tuple[Typed, ...]
    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class NewArray:
    """`new T[size]`, every element the default of T."""

    size: Typed
    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class DefaultValue:
    """`default(T)` of a value type that is none of the language's own: `default(DateTime)`."""

    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Declaring:
    """An expression with variables that are declared within it: `int.TryParse(s, out var x) ? x : 0`."""

    variables: tuple[tuple[str, Type], ...]
    body: Typed
    span: Span

    @property
    def type(self) -> Type:
        return self.body.type

    @property
    def nullable(self) -> bool:
        return self.body.nullable


@dataclass(frozen=True, slots=True)
class Anonymous:
    """`new { Name = value }`; values as objects."""

    names: tuple[str, ...]
    values: tuple[Typed, ...]
    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an anonymous object."""

    operand: Typed
    name: str
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A lambda; parameters have unique names. The body's value is of the type that the function returns."""

    parameters: tuple[tuple[str, Type], ...]
    body: Typed | Block
    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Invoke:
    """A call of a local function, by its name, or of a value that is a function."""

    function: Typed
    arguments: tuple[Typed, ...]
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class BlockValue:
    """What the statements of `@{...}` return."""

    body: Block
    type: Type
    span: Span
    nullable: bool


@dataclass(frozen=True, slots=True)
class ThrowValue:
    exception: Typed
    type: Type
    span: Span
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class TypeValue:
    """`typeof(T)`, and `x.GetType()` where it is known."""

    of: Type
    type: Type
    span: Span
    nullable: bool = False


Typed: TypeAlias = (
    Constant | Ambient | Slot | Local | Use | Set | Assign | Let | Unboxed | Boxed | Numeric | Same | TypeTest
    | VariableOrDefault | Chain | Coalesce | Choice | Logic | Compare | Negation | Arithmetic | Minus | Text
    | Formatted | Array | NewArray | DefaultValue | Declaring | Anonymous | Field | Function | Invoke | BlockValue
    | ThrowValue | TypeValue
)  # fmt: skip
