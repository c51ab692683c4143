"""A policy document after reading: sections of statements, before scopes are merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from tidegate.diagnostics import Located, Span
from tidegate.policies.named_values import NamedValue
from tidegate.policies.program_writer import ProgramWriter

SECTIONS: Final = ("inbound", "backend", "outbound", "on-error")


class Statement(Protocol):
    """One policy of a document; each file of the catalogue defines one kind."""

    @property
    def name(self) -> str:
        """The policy's element name."""
        ...

    @property
    def policy_id(self) -> str:
        """The `id` attribute, "" if there is none."""
        ...

    @property
    def span(self) -> Span: ...

    @property
    def reads(self) -> tuple[Located[str], ...]:
        """Variables that its expressions read."""
        ...

    @property
    def sets(self) -> tuple[str, ...]:
        """Variables that it sets."""
        ...

    def summary(self) -> str:
        """What it does, in one line and with the user's own words."""
        ...

    def emit(self, out: ProgramWriter) -> None:
        """Write the Lua that runs when the statement's turn comes."""
        ...


@dataclass(frozen=True, slots=True)
class Base:
    """`<base />`: the same section of the next wider scope, in this place."""

    span: Span


Item: TypeAlias = "Statement | Base"


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
