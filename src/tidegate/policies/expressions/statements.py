"""The syntax tree of statements: what stands in `@{...}`, and in the blocks of lambdas and local functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tidegate.diagnostics import Span
from tidegate.policies.expressions.syntax import Expression, Parameter, TypeName


@dataclass(frozen=True, slots=True)
class Block:
    statements: tuple[Statement, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Declaration:
    """`var x = 1, y = 2;`; the type is None for `var`."""

    type: TypeName | None
    variables: tuple[tuple[str, Expression | None], ...]
    span: Span = field(compare=False, repr=False)
    is_constant: bool = False


@dataclass(frozen=True, slots=True)
class LocalFunction:
    result: TypeName
    name: str
    parameters: tuple[Parameter, ...]
    body: Expression | Block
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Run:
    """An expression as a statement."""

    expression: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class If:
    condition: Expression
    then: Statement
    otherwise: Statement | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class While:
    condition: Expression
    body: Statement
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DoWhile:
    body: Statement
    condition: Expression
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class For:
    first: tuple[Declaration | Run, ...]
    condition: Expression | None
    steps: tuple[Expression, ...]
    body: Statement
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForEach:
    type: TypeName | None
    name: str
    source: Expression
    body: Statement
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    value: Expression | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Jump:
    """`break`, `continue`."""

    word: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Throw:
    """`throw e;`, or `throw;` in a catch."""

    exception: Expression | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Catch:
    """`catch (T name) when (filter) {...}`; without a type it catches everything."""

    type: TypeName | None
    name: str
    filter: Expression | None
    body: Block
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Try:
    body: Block
    catches: tuple[Catch, ...]
    last: Block | None
    """What stands behind `finally`."""
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Using:
    """`using (resource) body`."""

    resource: Declaration | Expression
    body: Statement
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Section:
    """The labels and statements of a part of `switch`; None is `default`."""

    labels: tuple[Expression | None, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    value: Expression
    sections: tuple[Section, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """`checked {...}`, `unchecked {...}`."""

    body: Block
    is_checked: bool
    span: Span = field(compare=False, repr=False)


Statement: TypeAlias = (
    Block | Declaration | LocalFunction | Run | If | While | DoWhile | For | ForEach | Return | Jump | Throw | Try
    | Using | Switch | CheckedBlock
)  # fmt: skip
