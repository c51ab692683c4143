"""Calls of local functions, and of values that are functions."""

from __future__ import annotations

from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.lambdas import check_lambda, converted, is_function_type
from tidegate.policies.expressions.check.state import State, Variable
from tidegate.policies.expressions.syntax import Call, Expression, Lambda
from tidegate.policies.expressions.types import Type, is_nullable_value


def call_function(state: State, variable: Variable, tree: Call) -> typed.Typed:
    """`f(a, b)` of a local function."""
    *inputs, result = variable.type.arguments
    state.use(variable, tree.span)
    names = [argument.name for argument in tree.arguments]
    if any(names):
        raise state.unsupported(tree.span, "a named argument of a local function", help="pass the value by position")
    values = _arguments(state, tree, inputs, variable.optional)
    function = typed.Local(variable.name, variable.type, tree.function.span, nullable=False)
    return typed.Invoke(function, values, result, tree.span, _may_be_null(result))


def call_value(state: State, function: typed.Typed, tree: Call) -> typed.Typed:
    """`f(a, b)` where `f` is a variable of a function type."""
    if not is_function_type(function.type):
        raise state.refuse(
            codes.NOT_CALLABLE,
            tree.function.span,
            type=str(function.type),
            help="only methods and functions can be called",
        )
    *inputs, result = function.type.arguments
    values = _arguments(state, tree, inputs, ())
    return typed.Invoke(function, values, result, tree.span, _may_be_null(result))


def _arguments(
    state: State, tree: Call, inputs: list[Type], optional: tuple[typed.Typed | None, ...]
) -> tuple[typed.Typed, ...]:
    defaults = optional[len(tree.arguments) :]
    if (
        len(tree.arguments) > len(inputs)
        or any(d is None for d in defaults)
        or (len(tree.arguments) + len(defaults) != len(inputs))
    ):
        raise state.refuse(
            codes.ARGUMENTS_UNKNOWN,
            tree.function.span,
            member="the function",
            given=f"{len(tree.arguments)} arguments",
            expected=f"({', '.join(map(str, inputs))})",
        )
    values = [
        argument(state, a.value, type_, f"argument {number}")
        for number, (a, type_) in enumerate(zip(tree.arguments, inputs, strict=False), 1)
    ]
    return (*values, *(d for d in defaults if d is not None))


def argument(state: State, tree: Expression, wanted: Type, what: str) -> typed.Typed:
    """A value of a given type, or a lambda where the type is that of a function."""
    if isinstance(tree, Lambda):
        if not is_function_type(wanted):
            raise state.mismatch(tree.span, what, "a lambda", str(wanted))
        *inputs, result = wanted.arguments
        return check_lambda(state, tree, inputs, result).tree
    return converted(state, state.value(tree, wanted), wanted, what)


def _may_be_null(type_: Type) -> bool:
    return type_.is_reference or is_nullable_value(type_)
