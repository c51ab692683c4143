"""A policy document after reading: sections of statements, before scopes are merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Final, TypeAlias

from tidegate.diagnostics import Located, Span
from tidegate.policies.named_values import NamedValue
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

SECTIONS: Final = ("inbound", "backend", "outbound", "on-error")


@dataclass(frozen=True, slots=True)
class Statement:
    """One policy of a document; each file of the catalogue defines one kind, by what differs from here."""

    span: Span
    policy_id: str
    """The `id` attribute, "" if there is none."""

    name: ClassVar[str]
    """The policy's element name."""

    @property
    def settings(self) -> Iterator[Setting]:
        """Its values, in the order of its fields, with those of statements that belong to it (not of its blocks)."""
        for each in fields(self):
            yield from _settings(getattr(self, each.name))

    @property
    def reads(self) -> tuple[Located[str], ...]:
        """Variables that its expressions read."""
        return tuple(v for s in self.settings if s.expression for v in s.expression.variables)

    @property
    def sets(self) -> tuple[str, ...]:
        """Variables that it may set itself."""
        return ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Statements that run inside it, or not."""
        return ()

    @property
    def ends(self) -> bool:
        """Whether nothing behind it ever runs."""
        return False

    def summary(self) -> str:
        """What it does, in one line and with the user's own words."""
        return self.name

    def emit(self, out: ProgramWriter) -> None:
        """Write the Lua that runs when the statement's turn comes. `do return true end` in it ends the request's
        processing: the answer is then in `q.answer` (see `ProgramWriter.stop`)."""
        raise TypeError(f"{type(self).__name__} does not say what it becomes in {out.section}")


def _settings(value: object) -> Iterator[Setting]:
    match value:
        case Setting():
            yield value
        case Statement():
            yield from value.settings
        case tuple():
            for each in value:
                yield from _settings(each)


@dataclass(frozen=True, slots=True)
class Block:
    """Statements inside a statement: the content of a `when`, of a `retry`."""

    statements: tuple[Statement, ...]
    label: str = ""
    """Of the element that holds them, for LastError.Path: `when[2]`. Empty where that is the statement itself."""

    @property
    def ends(self) -> bool:
        return any(statement.ends for statement in self.statements)


def walk(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    """All statements, each before those inside it."""
    for statement in statements:
        yield statement
        for block in statement.blocks:
            yield from walk(block.statements)


@dataclass(frozen=True, slots=True)
class Base:
    """`<base />`: the same section of the next wider scope, in this place."""

    span: Span


Item: TypeAlias = Statement | Base


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """What one file says. A section that is not given is empty: it has no `<base />` either."""

    sections: Mapping[str, tuple[Item, ...]]
    span: Span
    """Of the root element's name."""
    scope: str = ""
    """global, api, operation...: what LastError.Scope says. Set by whoever knows where the document belongs."""
    secrets: tuple[NamedValue, ...] = field(default=(), repr=False)
    """Secret named values that may have been filled in: summaries must not show them."""

    def section(self, name: str) -> tuple[Item, ...]:
        return self.sections.get(name, ())
