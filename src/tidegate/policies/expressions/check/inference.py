"""What the type parameters of a method stand for (C# section 12.6.3)."""

from __future__ import annotations

from collections.abc import Collection

from tidegate.policies.expressions.check.conversions import is_implicit
from tidegate.policies.expressions.members import owners
from tidegate.policies.expressions.types import NULL, VOID, Type, is_nullable_value


def infer(parameter: Type, given: Type, variables: Collection[Type], known: dict[Type, Type]) -> None:
    """Learn from an argument of a known type."""
    if given in (NULL, VOID) or not given.is_value:
        return
    if parameter in variables:
        before = known.get(parameter)
        if before is None or (before != given and is_implicit(before, given)):
            known[parameter] = given
        return
    if not parameter.arguments:
        return
    if is_nullable_value(parameter) and not is_nullable_value(given):
        infer(parameter.arguments[0], given, variables, known)
        return
    for owner in owners(given):
        if owner.name == parameter.name and len(owner.arguments) == len(parameter.arguments):
            for inner, argument in zip(parameter.arguments, owner.arguments, strict=True):
                infer(inner, argument, variables, known)
            return


def is_fixed(type_: Type, variables: Collection[Type], known: dict[Type, Type]) -> bool:
    """Whether all that it names is known."""
    if type_ in variables:
        return type_ in known
    return all(is_fixed(argument, variables, known) for argument in type_.arguments)
