"""Which overload a call means (C# section 12.6.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from tidegate.diagnostics import Found, Span
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.conversions import converts, is_implicit
from tidegate.policies.expressions.check.inference import infer, is_fixed
from tidegate.policies.expressions.check.lambdas import (
    FunctionValue,
    check_lambda,
    is_function_type,
    method_as_lambda,
)
from tidegate.policies.expressions.check.state import State
from tidegate.policies.expressions.members import Bound
from tidegate.policies.expressions.syntax import Expression, Lambda, Out
from tidegate.policies.expressions.types import VOID, Type, substituted

NO_TREE: Final[Expression] = cast("Expression", None)
"""Of arguments that are checked already."""


@dataclass(slots=True)
class Given:
    """An argument as it stands there. `value` is None for what has no type by itself: lambdas, methods, `out`."""

    tree: Expression
    name: str
    value: typed.Typed | None
    span: Span
    out: Out | None = None
    out_type: Type | None = None
    """Of an out variable whose type is written or known."""
    tried: dict[tuple[tuple[Type, ...], Type | None], FunctionValue | Found] = field(default_factory=dict)
    """What checking the lambda gave, by the types that it was checked with."""

    @property
    def shown(self) -> str:
        label = f"{self.name}: " if self.name else ""
        if self.out is not None:
            return f"{label}out {self.out_type or 'var'}"
        return label + (str(self.value.type) if self.value is not None else "a function")


@dataclass(slots=True)
class Fit:
    """An overload that takes the arguments."""

    bound: Bound
    parameters: list[Type]
    """For each argument, the parameter's type."""
    known: dict[Type, Type]
    functions: dict[int, FunctionValue]
    """Lambdas, by the place of their argument."""
    defaults: int = 0
    """How many optional parameters take their default."""


def fitting(state: State, bound: Bound, arguments: Sequence[Given], type_arguments: Sequence[Type]) -> Fit | None:
    """The overload with these arguments; None if it does not take them."""
    row, own, _ = bound
    placed = _placed(bound, arguments)
    if placed is None:
        return None
    parameters, defaults = placed
    known = dict(own)
    variables = row.variables
    if type_arguments:
        if len(type_arguments) != len(variables):
            return None
        known.update(zip(variables, type_arguments, strict=True))
    functions: dict[int, FunctionValue] = {}
    open_variables = tuple(v for v in variables if v not in known)
    if open_variables:
        _infer(state, arguments, parameters, open_variables, known, functions)
        if any(v not in known for v in open_variables):
            return None
    final = [substituted(p, known) for p in parameters]
    for index, (argument, parameter) in enumerate(zip(arguments, final, strict=True)):
        if argument.out is not None:
            if argument.out_type not in (None, parameter):
                return None
        elif argument.value is not None:
            if not converts(argument.value, parameter):
                return None
        else:
            function = _function(state, argument, parameter)
            if function is None:
                return None
            functions[index] = function
    return Fit(bound, final, known, functions, defaults)


def _placed(bound: Bound, arguments: Sequence[Given]) -> tuple[list[Type], int] | None:
    """Each argument's parameter, and how many parameters are left to their defaults."""
    row = bound[0]
    parameters = row.parameters or ()
    count = len(parameters)
    placed: list[Type] = []
    for index, argument in enumerate(arguments):
        place = index
        if argument.name:
            place = row.labels.index(argument.name) if argument.name in row.labels else -1
            # Arguments run in the order in which they stand; parameters between them would need values of their own.
            if place != index:
                return None
        if place >= count:
            if not row.repeats:
                return None
            place = count - 1
        if (argument.out is not None) != (place in row.out):
            return None
        placed.append(parameters[place])
    missing = max(0, count - len(arguments))
    if row.repeats:
        missing = max(0, count - 1 - len(arguments))
    return (placed, missing) if missing <= len(row.optional) else None


def _infer(
    state: State,
    arguments: Sequence[Given],
    parameters: Sequence[Type],
    variables: tuple[Type, ...],
    known: dict[Type, Type],
    functions: dict[int, FunctionValue],
) -> None:
    """From values first, then from lambdas as soon as the types of their parameters are known."""
    waiting: list[int] = []
    for index, (argument, parameter) in enumerate(zip(arguments, parameters, strict=True)):
        if argument.value is not None:
            infer(parameter, argument.value.type, variables, known)
        elif argument.out is not None:
            if argument.out_type is not None:
                infer(parameter, argument.out_type, variables, known)
        elif is_function_type(parameter):
            waiting.append(index)
    while waiting:
        ready = next(
            (i for i in waiting if all(is_fixed(a, variables, known) for a in parameters[i].arguments[:-1])), None
        )
        if ready is None:
            return
        waiting.remove(ready)
        *inputs, result = parameters[ready].arguments
        wanted = substituted(result, known) if is_fixed(result, variables, known) else None
        function = _checked(state, arguments[ready], tuple(substituted(i, known) for i in inputs), wanted)
        if function is None:
            return
        functions[ready] = function
        infer(result, function.result, variables, known)


def _function(state: State, argument: Given, parameter: Type) -> FunctionValue | None:
    if not is_function_type(parameter):
        return None
    *inputs, result = parameter.arguments
    return _checked(state, argument, tuple(inputs), result)


def _checked(state: State, argument: Given, inputs: tuple[Type, ...], result: Type | None) -> FunctionValue | None:
    """The lambda with these types, checked once for each."""
    key = (inputs, result)
    if key not in argument.tried:
        known = argument.tried.get((inputs, None))
        if isinstance(known, FunctionValue) and known.result == result:
            argument.tried[key] = known
        else:
            tree = argument.tree
            function = tree if isinstance(tree, Lambda) else method_as_lambda(tree, len(inputs))
            outcome: FunctionValue | None = None
            with state.attempt() as trial:
                outcome = check_lambda(state, function, inputs, result)
            argument.tried[key] = outcome if outcome is not None and trial.succeeded else trial.found
    tried = argument.tried[key]
    return tried if isinstance(tried, FunctionValue) else None


def best(fits: Sequence[Fit], arguments: Sequence[Given]) -> Fit:
    """The one that is better than all others; of equals, the first."""
    for fit in fits:
        if all(fit is other or _better(fit, other, arguments) for other in fits):
            return fit
    return fits[0]


def _better(left: Fit, right: Fit, arguments: Sequence[Given]) -> bool:
    compared = [
        _compare(argument, a, b, left.functions.get(i), right.functions.get(i))
        for i, (argument, a, b) in enumerate(zip(arguments, left.parameters, right.parameters, strict=True))
    ]
    if any(c < 0 for c in compared):
        return False
    if any(c > 0 for c in compared):
        return True
    # Tie-breaks: no type parameters, no `params`, no defaults (section 12.6.4.3).
    ranks = [(bool(f.bound[0].variables), f.bound[0].repeats, f.defaults) for f in (left, right)]
    return ranks[0] < ranks[1]


def _compare(
    argument: Given, left: Type, right: Type, left_function: FunctionValue | None, right_function: FunctionValue | None
) -> int:
    """1 if the conversion to `left` is better, -1 if that to `right` is."""
    if left == right:
        return 0
    if argument.value is None:
        if left_function is None or right_function is None:
            return 0
        return _compare_results(argument, left, right)
    given = argument.value.type
    if given in (left, right):
        return 1 if given == left else -1
    return _compare_targets(left, right)


def _compare_results(argument: Given, left: Type, right: Type) -> int:
    """The lambda's own type of value decides."""
    a, b = left.arguments[-1], right.arguments[-1]
    if a == b:
        return 0
    own = [t.result for (_, result), t in argument.tried.items() if result is None and isinstance(t, FunctionValue)]
    if not own:
        bodies = [t.tree.body for t in argument.tried.values() if isinstance(t, FunctionValue)]
        own = [_unconverted(body).type for body in bodies if not hasattr(body, "statements")]
    for candidate in own:
        if candidate in (a, b):
            return 1 if candidate == a else -1
    if VOID in (a, b):
        return -1 if a == VOID else 1
    return _compare_targets(a, b)


def _unconverted(body: object) -> typed.Typed:
    """The value before it was converted to what the function returns."""
    while isinstance(body, typed.Numeric | typed.Same | typed.Boxed):
        body = body.operand
    return body  # type: ignore[return-value]  # Blocks are sorted out by the caller.


def _compare_targets(left: Type, right: Type) -> int:
    forth, back = is_implicit(left, right), is_implicit(right, left)
    if forth != back:
        return 1 if forth else -1
    signed = {"sbyte": 0, "short": 0, "int": 0, "long": 0, "byte": 1, "ushort": 1, "uint": 1, "ulong": 1}
    if left.name in signed and right.name in signed and signed[left.name] != signed[right.name]:
        return 1 if signed[left.name] < signed[right.name] else -1
    return 0
