"""Types by the names that expressions write."""

from __future__ import annotations

from functools import cache
from typing import Final

from tidegate.diagnostics.codes import expressions as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.policies.expressions.check.state import Refused, State, type_names
from tidegate.policies.expressions.members import BY_NAME
from tidegate.policies.expressions.syntax import TypeName
from tidegate.policies.expressions.types import ARRAY, KEYWORDS, VOID, Type, action, func, nullable


def _languages_own() -> dict[str, Type]:
    known = dict(KEYWORDS)
    for type_ in KEYWORDS.values():
        for alias in type_.aliases:
            known[alias] = known[f"System.{alias}"] = type_
    return known


_OWN: Final = _languages_own()
_FUNCTIONS: Final = {"Func": func, "System.Func": func, "Action": action, "System.Action": action}


@cache
def type_named(name: str, arity: int) -> Type | None:
    """The type of that name and number of type arguments, with type variables for these."""
    return (_OWN.get(name) if not arity else None) or BY_NAME.get((name, arity))


def resolve(state: State, name: TypeName) -> Type:
    """The type that is meant."""
    if name.name in ("[]", "?"):
        inner = resolve(state, name.arguments[0])
        if name.name == "[]":
            return ARRAY.of(inner)
        if inner.is_reference:
            # `string?` is C# 8; `string` may be null anyway.
            raise state.unsupported(name.span, f"the type `{name}`", help=f"write `{inner}`: it may be null anyway")
        return nullable(inner)
    arguments = tuple(resolve(state, argument) for argument in name.arguments)
    if name.name in _FUNCTIONS and (arguments or "Action" in name.name):
        return _FUNCTIONS[name.name](*arguments)
    type_ = type_named(name.name, len(arguments))
    if type_ is None:
        state.found.add(
            codes.EXPRESSION_UNSUPPORTED,
            at=name.span,
            what=f"the type `{name}`",
            help=did_you_mean(name.name, type_names()),
        )
        raise Refused
    return type_.of(*arguments) if arguments else type_


def resolve_value(state: State, name: TypeName) -> Type:
    """The same, of which there are values."""
    type_ = resolve(state, name)
    if type_ == VOID or not type_.is_value:
        raise state.unsupported(name.span, f"a value of the type `{name}`")
    return type_
