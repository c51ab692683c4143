"""Lambdas and local functions as values: bodies checked against the types of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.check.conversions import converts, implicit
from tidegate.policies.expressions.check.names import resolve_value
from tidegate.policies.expressions.check.returns import convert_returns
from tidegate.policies.expressions.check.state import State, shown
from tidegate.policies.expressions.statements import Block
from tidegate.policies.expressions.syntax import Argument, Call, Expression, Lambda, Name, Parameter
from tidegate.policies.expressions.types import NULL, VOID, Type, func


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A checked lambda and what it returns."""

    tree: typed.Function
    result: Type


def is_function_type(type_: Type) -> bool:
    return type_.name == "Func"


def check_lambda(state: State, tree: Lambda, inputs: Sequence[Type], result: Type | None) -> FunctionValue:
    """Check a lambda with these types of parameters. Without `result` it returns what its body gives."""
    if len(tree.parameters) != len(inputs):
        raise state.mismatch(
            tree.span, "the lambda", f"one of {len(tree.parameters)} parameters", f"one of {len(inputs)}"
        )
    with state.function(result, tree.span):
        parameters = tuple(_declare(state, p, t) for p, t in zip(tree.parameters, inputs, strict=True))
        body: typed.Typed | ts.Block
        if isinstance(tree.body, Block):
            body, given = block_body(state, tree.body, tree.span)
            result_ = result or given
        else:
            expression = tree.body
            value = declaring(state, lambda: _value(state, expression, result))
            result_ = result or value.type
            body = value
    return FunctionValue(typed.Function(parameters, body, func(*inputs, result_), tree.span), result_)


def _value(state: State, tree: Expression, result: Type | None) -> typed.Typed:
    value = state.value(tree, result if result not in (None, VOID) else None)
    if isinstance(value, typed.ThrowValue) or result in (None, VOID, value.type):
        return value
    return converted(state, value, result or VOID, "the lambda's value")


def declaring(state: State, read: Callable[[], typed.Typed]) -> typed.Typed:
    """An expression with the variables that are declared in it."""
    before, state.pattern_variables = state.pattern_variables, []
    value = read()
    declared, state.pattern_variables = state.pattern_variables, before
    return typed.Declaring(tuple(declared), value, value.span) if declared else value


def block_body(state: State, block: Block, span: Span) -> tuple[ts.Block, Type]:
    """Check the statements of the innermost function, whose end may not be reached if it returns a value."""
    function = state.functions[-1]
    body, completes = state.read_body(state, block)
    result = function.result
    if result is None:
        result = common_type(function.returns) if function.returns else VOID
        if result is None:
            first, *rest = function.returns
            other = next((r for r in rest if r.type != first.type), first)
            raise state.mismatch(other.span, "this `return`", shown(other), shown(first))
        found = result
        body = convert_returns(body, lambda value: converted(state, value, found, "this `return`"))
    if completes and result != VOID:
        raise state.refuse(codes.RETURN_MISSING, span)
    return body, result


def common_type(values: Sequence[typed.Typed]) -> Type | None:
    """The one type among them to which all convert (section 12.6.3.15)."""
    for candidate in dict.fromkeys(value.type for value in values):
        if candidate not in (NULL, VOID) and all(converts(value, candidate) for value in values):
            return candidate
    return None


def _declare(state: State, parameter: Parameter, type_: Type) -> tuple[str, Type]:
    if parameter.type is not None:
        written = resolve_value(state, parameter.type)
        if written != type_:
            raise state.mismatch(parameter.span, f"the parameter `{parameter.name}`", str(written), str(type_))
    if parameter.name == "_":
        return state.fresh("_"), type_
    return state.declare(parameter.name, type_, parameter.span).name, type_


def converted(state: State, value: typed.Typed, wanted: Type, what: str, *, help: str = "") -> typed.Typed:
    """The value as a `wanted`, or the refusal."""
    result = implicit(value, wanted)
    if result is None:
        raise state.mismatch(value.span, what, shown(value), str(wanted), help=help)
    return result


def method_as_lambda(tree: Expression, count: int) -> Lambda:
    """`Select(int.Parse)` is `Select(x => int.Parse(x))`."""
    parameters = tuple(Parameter(f"argument {index}", None, tree.span) for index in range(count))
    arguments = tuple(Argument(Name(p.name, tree.span)) for p in parameters)
    return Lambda(parameters, Call(tree, arguments, tree.span), tree.span)
