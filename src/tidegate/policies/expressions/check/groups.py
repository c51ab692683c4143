"""Methods that are named and not yet called."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Span
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.members import Bound
from tidegate.policies.expressions.types import Type


@dataclass(frozen=True, slots=True)
class MethodGroup:
    """The overloads of a name, with what they are asked of."""

    receiver: typed.Typed
    name: str
    rows: tuple[Bound, ...]
    type_arguments: tuple[Type, ...]
    span: Span
    name_span: Span
