"""Constant expressions (C# section 12.23): worked out by the compiler, which refuses what overflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.conversions import WHOLE, in_range
from tidegate.policies.expressions.check.state import State
from tidegate.policies.expressions.types import BOOL, Type

_BITS: Final = {"int": 32, "uint": 32, "long": 64, "ulong": 64}
_COMPARISONS: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _divided(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


_OPERATIONS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: a - b * _divided(a, b),
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}


def _whole(value: typed.Typed) -> int | None:
    if isinstance(value, typed.Constant) and value.type in WHOLE and isinstance(value.value, int):
        return value.value
    return None


def fold(state: State, sign: str, left: typed.Typed, right: typed.Typed, type_: Type, span: Span) -> typed.Typed | None:
    """The constant that two constants make; None if one of them is none. Division by a constant zero is refused."""
    a, b = _whole(left), _whole(right)
    if sign in ("/", "%") and b == 0 and type_ in WHOLE:
        raise state.refuse(codes.CONSTANT_WRONG, right.span, detail="a division by zero")
    if a is None or b is None:
        return None
    if sign in _COMPARISONS:
        return typed.Constant(_COMPARISONS[sign](a, b), BOOL, span)
    bits = _BITS[type_.name]
    if sign in ("<<", ">>"):
        count = b & (bits - 1)
        return _constant(_wrapped(a << count, type_, bits) if sign == "<<" else a >> count, type_, span)
    value = _OPERATIONS[sign](a, b)
    if not in_range(value, type_):
        raise state.refuse(codes.CONSTANT_WRONG, span, detail=f"larger than {type_} can hold")
    return _constant(value, type_, span)


def fold_unary(state: State, sign: str, operand: typed.Typed, type_: Type, span: Span) -> typed.Typed | None:
    """The same of `-` and `~`."""
    if isinstance(operand, typed.Constant) and isinstance(operand.value, float) and sign == "-":
        return typed.Constant(-operand.value, type_, span)
    value = _whole(operand)
    if value is None:
        return None
    if sign == "~":
        return _constant(_wrapped(~value, type_, _BITS[type_.name]), type_, span)
    if not in_range(-value, type_):
        raise state.refuse(codes.CONSTANT_WRONG, span, detail=f"larger than {type_} can hold")
    return _constant(-value, type_, span)


def _wrapped(value: int, type_: Type, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if type_.name[0] != "u" and value >> (bits - 1) else value


def _constant(value: int, type_: Type, span: Span) -> typed.Constant:
    return typed.Constant(value, type_, span)
