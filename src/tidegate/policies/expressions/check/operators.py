"""Operators (C# sections 12.9 to 12.14): promotion of numbers, operators of types, null, constants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from tidegate.diagnostics import Span
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.conversions import (
    NUMBERS,
    converts,
    implicit,
    is_reference_conversion,
)
from tidegate.policies.expressions.check.folding import fold, fold_unary
from tidegate.policies.expressions.check.lambdas import converted
from tidegate.policies.expressions.check.overloads import NO_TREE, Given, best, fitting
from tidegate.policies.expressions.check.state import State, shown
from tidegate.policies.expressions.members import Bound, bound_rows, is_enumeration
from tidegate.policies.expressions.syntax import Binary, Expression, Operator
from tidegate.policies.expressions.types import (
    BOOL,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    NULL,
    OBJECT,
    STRING,
    UINT,
    ULONG,
    Type,
    is_nullable_value,
    nullable,
    substituted,
    underlying,
)

_LUA_SIGNS: Final = {"==": "==", "!=": "~=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_SHIFTS: Final = ("<<", ">>")
_MAX_OWN: Final = 60
"""Operators of types in one chain: calls within calls."""
_SIGNED: Final = frozenset(("sbyte", "short", "int", "long"))


def condition(state: State, tree: Expression) -> typed.Typed:
    """Something that is true or false."""
    value = state.value(tree, BOOL)
    if value.type != BOOL:
        result = implicit(value, BOOL)
        if result is not None:
            return result
        help = "compare it: `... == true`" if underlying(value.type) == BOOL else ""
        raise state.mismatch(tree.span, "the condition", shown(value), "bool", help=help)
    return value


def binary(state: State, tree: Binary) -> typed.Typed:
    """A chain of operators: a loop to the left, since chains are long there."""
    spine: list[Binary] = []
    first: Expression = tree
    while isinstance(first, Binary) and first.operator is not Operator.COALESCE:
        spine.append(first)
        first = first.left
    left = state.value(first)
    own = 0
    for node in reversed(spine):
        own += isinstance(left, typed.Use | typed.Let)
        if own > _MAX_OWN:
            raise state.unsupported(node.span, f"a chain of more than {_MAX_OWN} of these operators")
        if node.operator in (Operator.AND, Operator.OR):
            left = _logic(state, node, left)
        else:
            left = operate(state, str(node.operator), left, state.value(node.right), node.span)
    return left


def _logic(state: State, node: Binary, left: typed.Typed) -> typed.Typed:
    word = "and" if node.operator is Operator.AND else "or"
    if left.type != BOOL:
        help = "compare it: `... == true`" if underlying(left.type) == BOOL else ""
        raise state.mismatch(node.left.span, "the condition", shown(left), "bool", help=help)
    right = condition(state, node.right)
    if isinstance(left, typed.Logic) and left.word == word:
        return typed.Logic(word, (*left.operands, right), node.span)
    return typed.Logic(word, (left, right), node.span)


def operate(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    """One binary operator, whose operands have been checked."""
    own = _own_operator(state, sign, left, right, span)
    if own is not None:
        return own
    if sign == "+" and STRING in (left.type, right.type):
        return _concatenation(state, left, right, span)
    if sign in ("==", "!=") and NULL in (left.type, right.type):
        return _with_null(state, sign, left, right, span)
    if is_nullable_value(left.type) or is_nullable_value(right.type):
        return _lifted(state, sign, left, right, span)
    if left.type == BOOL == right.type and sign in ("&", "|", "^", "==", "!="):
        if sign in ("==", "!="):
            return typed.Compare(_LUA_SIGNS[sign], left, right, span)
        return typed.Arithmetic(sign, left, right, BOOL, is_checked=False, span=span)
    numeric = _numeric(state, sign, left, right, span)
    if numeric is not None:
        return numeric
    return _equality(state, sign, left, right, span)


# -- texts


def has_text(type_: Type) -> bool:
    """Whether its ToString says anything: an array's or a request's does not."""
    return type_.is_value and type_.name not in ("[]", "void", "Func", "IEnumerable", "List", "Dictionary")


def _concatenation(state: State, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    parts: list[typed.Typed] = []
    for side in (left, right):
        text(state, side)
        # "a" + b + c is one text of three parts, as long as each `+` was one of strings.
        parts += side.parts if isinstance(side, typed.Text) else (side,)
    return typed.Text(tuple(parts), span)


def text(state: State, value: typed.Typed) -> typed.Typed:
    """The value as text, in the way of ToString."""
    if value.type in (STRING, NULL):
        return value
    if not has_text(value.type):
        help = 'join the values: `String.Join(",", ...)`' if value.type.arguments else ""
        raise state.mismatch(value.span, "the value", shown(value), "string", help=help)
    return typed.Text((value,), value.span)


# -- operators that types declare


def _own_operator(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed | None:
    """An operator of one of the two types (section 12.4.5); between null and a value, too."""
    candidates: list[Bound] = []
    for type_ in dict.fromkeys((underlying(left.type), underlying(right.type))):
        if type_ not in (STRING, OBJECT, NULL, BOOL) and type_ not in NUMBERS:
            candidates += bound_rows(type_, sign, static=True)
    for operands in ((left, right), _unwrapped(left, right)):
        arguments = [Given(NO_TREE, "", v, v.span) for v in operands]
        fits = [fit for b in candidates if (fit := fitting(state, b, arguments, ())) is not None]
        if fits:
            fit = best(fits, arguments)
            use = partial(_own_pair, fit.bound, fit.parameters, span)
            return _lift(state, left, right, use, sign, span)
    return None


def _own_pair(bound: Bound, parameters: list[Type], span: Span, left: typed.Typed, right: typed.Typed) -> typed.Typed:
    return _own_use(bound, (left, right), parameters, span)


def _unwrapped(left: typed.Typed, right: typed.Typed) -> tuple[typed.Typed, typed.Typed]:
    """The operands without their `?`."""
    a, b = (typed.Slot(underlying(v.type), v.span) if is_nullable_value(v.type) else v for v in (left, right))
    return a, b


def _own_use(bound: Bound, values: tuple[typed.Typed, ...], parameters: list[Type], span: Span) -> typed.Typed:
    row, known, _ = bound
    arguments = tuple(implicit(v, p) or v for v, p in zip(values, parameters, strict=True))
    names = tuple((variable.name, type_) for variable, type_ in known.items())
    result = substituted(row.result, known)
    return typed.Use(row, typed.Ambient(row.owner, span), arguments, result, span, row.nullable, names)


# -- null


def _with_null(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    value = right if left.type == NULL else left
    if value.type == NULL:
        return typed.Constant(sign == "==", BOOL, span)
    if isinstance(value, typed.Ambient) and not value.type.is_value:
        return typed.Constant(sign == "!=", BOOL, span)
    if not value.type.is_reference and not is_nullable_value(value.type):
        raise state.mismatch(value.span, f"a side of `{sign}`", shown(value), "something that may be null")
    return typed.Compare(_LUA_SIGNS[sign], left, right, span)


def _lifted(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    """Operators of `T?` (section 12.4.8): null in, null out; comparisons with null are false."""

    def plain(a: typed.Typed, b: typed.Typed) -> typed.Typed:
        return operate(state, sign, a, b, span)

    return _lift(state, left, right, plain, sign, span)


def _lift(
    state: State,
    left: typed.Typed,
    right: typed.Typed,
    make: Callable[[typed.Typed, typed.Typed], typed.Typed],
    sign: str,
    span: Span,
) -> typed.Typed:
    if not is_nullable_value(left.type) and not is_nullable_value(right.type):
        return make(left, right)
    bindings: list[tuple[str, typed.Typed]] = []
    operands: list[typed.Typed] = []
    tests: list[typed.Typed] = []
    for value in (left, right):
        name = state.fresh("operand")
        bindings.append((name, value))
        operands.append(typed.Local(name, underlying(value.type), value.span, nullable=False))
        if is_nullable_value(value.type):
            whole = typed.Local(name, value.type, value.span, nullable=True)
            tests.append(typed.Compare("~=", whole, typed.Constant(None, NULL, span), span))
    body = make(operands[0], operands[1])
    if sign in ("==", "!=") and len(tests) == 2:
        # Both null is equal; one null is not.
        both = typed.Compare(_LUA_SIGNS[sign], tests[0], tests[1], span)
        exists = typed.Logic("and", (tests[0], tests[1]), span)
        return typed.Let(tuple(bindings), (), typed.Choice(exists, body, both, BOOL, span), span)
    condition_ = tests[0] if len(tests) == 1 else typed.Logic("and", tuple(tests), span)
    if body.type == BOOL and sign in _LUA_SIGNS:
        otherwise: typed.Typed = typed.Constant(sign == "!=", BOOL, span)
        return typed.Let(tuple(bindings), (), typed.Choice(condition_, body, otherwise, BOOL, span), span)
    result = nullable(body.type)
    then = typed.Same(body, result, span, nullable=False)
    otherwise = typed.Constant(None, result, span)
    return typed.Let(tuple(bindings), (), typed.Choice(condition_, then, otherwise, result, span), span)


# -- numbers


def promoted(left: typed.Typed, right: typed.Typed) -> Type | None:
    """The type in which two numbers meet (section 12.4.7.3); None if there is none."""
    types = (left.type, right.type)
    if not all(t in NUMBERS for t in types):
        return None
    if DECIMAL in types:
        return None if FLOAT in types or DOUBLE in types else DECIMAL
    for type_ in (DOUBLE, FLOAT):
        if type_ in types:
            return type_
    if ULONG in types:
        other = right if left.type == ULONG else left
        return ULONG if other.type.name not in _SIGNED or converts(other, ULONG) else None
    if LONG in types:
        return LONG
    if UINT in types:
        other = right if left.type == UINT else left
        if other.type.name not in _SIGNED or converts(other, UINT):
            return UINT
        return LONG
    return INT


def _numeric(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed | None:
    if left.type not in NUMBERS or right.type not in NUMBERS:
        return None
    if sign in _SHIFTS:
        return _shift(state, sign, left, right, span)
    type_ = promoted(left, right)
    if type_ is None or (sign in ("&", "|", "^") and type_ in (FLOAT, DOUBLE, DECIMAL)):
        raise state.mismatch(right.span, f"the right side of `{sign}`", shown(right), str(left.type))
    a, b = (converted(state, side, type_, f"a side of `{sign}`") for side in (left, right))
    folded = fold(state, sign, a, b, type_, span)
    if folded is not None:
        return folded
    if sign in _LUA_SIGNS:
        return typed.Compare(_LUA_SIGNS[sign], a, b, span)
    return typed.Arithmetic(sign, a, b, type_, state.is_checked, span)


def _shift(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    type_ = next((t for t in (INT, UINT, LONG, ULONG) if converts(left, t)), None)
    if type_ is None:
        raise state.mismatch(left.span, f"the left side of `{sign}`", shown(left), "a whole number")
    a = converted(state, left, type_, f"the left side of `{sign}`")
    b = converted(state, right, INT, f"the right side of `{sign}`")
    return fold(state, sign, a, b, type_, span) or typed.Arithmetic(sign, a, b, type_, is_checked=False, span=span)


def unary(state: State, sign: str, value: typed.Typed, span: Span) -> typed.Typed:
    """`-`, `+`, `~`, `!`"""
    if sign == "!":
        if value.type == BOOL:
            return typed.Negation(value, span)
        help = "compare it: `... == true`" if underlying(value.type) == BOOL else ""
        raise state.mismatch(value.span, "the condition", shown(value), "bool", help=help)
    if is_nullable_value(value.type):
        body = unary(state, sign, typed.Slot(underlying(value.type), value.span), span)
        return typed.Chain(value, body, nullable(body.type), span)
    own = [b for b in bound_rows(value.type, sign, static=True) if len(b[0].parameters or ()) == 1]
    if own and value.type not in NUMBERS:
        return _own_use(own[0], (value,), [value.type], span)
    if value.type not in NUMBERS:
        raise state.mismatch(value.span, f"the operand of `{sign}`", shown(value), "a number")
    type_ = next((t for t in (INT, UINT, LONG, ULONG) if converts(value, t)), value.type)
    if sign == "-" and type_ == UINT:
        type_ = LONG
    if (sign == "-" and type_ == ULONG) or (sign == "~" and type_ in (FLOAT, DOUBLE, DECIMAL)):
        raise state.mismatch(value.span, f"the operand of `{sign}`", shown(value), "another number")
    operand = converted(state, value, type_, f"the operand of `{sign}`")
    if sign == "+":
        return operand
    return fold_unary(state, sign, operand, type_, span) or typed.Minus(sign, operand, type_, state.is_checked, span)


# -- equality


def _equality(state: State, sign: str, left: typed.Typed, right: typed.Typed, span: Span) -> typed.Typed:
    same = left.type == right.type
    if sign in ("==", "!="):
        if same and (left.type.is_reference or is_enumeration(left.type)) and left.type.is_value:
            return typed.Compare(_LUA_SIGNS[sign], left, right, span)
        if _is_empty_text(left, right) or _is_empty_text(right, left):
            # References are compared, and .NET has one empty string.
            return typed.Compare(_LUA_SIGNS[sign], left, right, span)
        for a, b in ((left, right), (right, left)):
            is_object = OBJECT in (a.type, b.type)
            if is_enumeration(a.type) and converts(b, a.type):
                return typed.Compare(_LUA_SIGNS[sign], left, right, span)
            if not is_object and a.type.is_reference and is_reference_conversion(a.type, b.type):
                return typed.Compare(_LUA_SIGNS[sign], left, right, span)
    elif same and is_enumeration(left.type) and sign in _LUA_SIGNS:
        return typed.Compare(_LUA_SIGNS[sign], left, right, span)
    elif same and is_enumeration(left.type) and sign in ("|", "&", "^"):
        whole = typed.Arithmetic(sign, _number(left), _number(right), INT, is_checked=False, span=span)
        return typed.Numeric(whole, left.type, is_checked=False, span=span)
    help = ""
    if OBJECT in (left.type, right.type):
        help = "cast the object first: `(string)context.Variables[...]`"
    expected = "a number" if sign in ("-", "*", "/", "%", "<", ">", "<=", ">=") and same else str(left.type)
    raise state.mismatch(right.span, f"the right side of `{sign}`", shown(right), expected, help=help)


def _number(value: typed.Typed) -> typed.Typed:
    return typed.Numeric(value, INT, is_checked=False, span=value.span)


def _is_empty_text(value: typed.Typed, other: typed.Typed) -> bool:
    if other.type != OBJECT:
        return False
    if isinstance(value, typed.Constant):
        return value.value == "" and value.type == STRING
    return isinstance(value, typed.Use) and value.row.lua == '""'
