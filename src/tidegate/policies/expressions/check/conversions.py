"""Conversions (C# section 10): which there are, and the nodes that make them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from tidegate.diagnostics import Span
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.members import Bound, MemberRow, bound_rows, is_enumeration, owners
from tidegate.policies.expressions.types import (
    BYTE,
    CHAR,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    NULL,
    OBJECT,
    SBYTE,
    SHORT,
    STRING,
    UINT,
    ULONG,
    USHORT,
    Type,
    is_nullable_value,
    substituted,
    underlying,
)

_REAL: Final = (FLOAT, DOUBLE, DECIMAL)
WIDENINGS: Final[Mapping[Type, frozenset[Type]]] = {
    SBYTE: frozenset((SHORT, INT, LONG, *_REAL)),
    BYTE: frozenset((SHORT, USHORT, INT, UINT, LONG, ULONG, *_REAL)),
    SHORT: frozenset((INT, LONG, *_REAL)),
    USHORT: frozenset((INT, UINT, LONG, ULONG, *_REAL)),
    INT: frozenset((LONG, *_REAL)),
    UINT: frozenset((LONG, ULONG, *_REAL)),
    LONG: frozenset(_REAL),
    ULONG: frozenset(_REAL),
    CHAR: frozenset((USHORT, INT, UINT, LONG, ULONG, *_REAL)),
    FLOAT: frozenset((DOUBLE,)),
    DOUBLE: frozenset(),
    DECIMAL: frozenset(),
}
"""Implicit numeric conversions (section 10.2.3)."""
NUMBERS: Final = frozenset(WIDENINGS)
WHOLE: Final = frozenset(NUMBERS - frozenset(_REAL))
_RANGES: Final = {
    SBYTE: (-128, 127),
    BYTE: (0, 255),
    SHORT: (-(1 << 15), (1 << 15) - 1),
    USHORT: (0, (1 << 16) - 1),
    CHAR: (0, (1 << 16) - 1),
    INT: (-(1 << 31), (1 << 31) - 1),
    UINT: (0, (1 << 32) - 1),
    LONG: (-(1 << 63), (1 << 63) - 1),
    ULONG: (0, (1 << 64) - 1),
}
_COVARIANT: Final = frozenset(("IEnumerable", "[]", "IReadOnlyList", "IReadOnlyCollection", "IGrouping", "Func"))


def in_range(value: int, type_: Type) -> bool:
    low, high = _RANGES[type_]
    return low <= value <= high


@cache
def is_reference_conversion(given: Type, wanted: Type) -> bool:
    """Identity, boxing, or to a base type or interface (sections 10.2.2, 10.2.8 and 10.2.9)."""
    if given == wanted:
        return True
    if wanted == OBJECT:
        return given.is_value and given.name != "void"
    if given.name == wanted.name and given.name in _COVARIANT and len(given.arguments) == len(wanted.arguments):
        return all(
            a == b or (a.is_reference and b.is_reference and is_reference_conversion(a, b))
            for a, b in zip(given.arguments, wanted.arguments, strict=True)
        )
    return any(is_reference_conversion(base, wanted) for base in given.bases)


@cache
def _own_conversion(given: Type, wanted: Type, name: str) -> Bound | None:
    """A conversion that one of the two types declares (section 10.5); `name` is implicit or explicit."""
    candidates = [
        bound
        for owner in dict.fromkeys((wanted, *owners(given)))
        for bound in bound_rows(owner, name, static=True)
        if _ends(bound, wanted, name)
    ]
    # What gives the very type is better than what gives one that a cast leads on from.
    candidates = [b for b in candidates if substituted(b[0].result, b[1]) == wanted] or candidates
    sources = [(substituted((b[0].parameters or (OBJECT,))[0], b[1]), b) for b in candidates]
    exact = next((b for source, b in sources if source == given), None)
    if exact is not None:
        return exact
    fitting = [(s, b) for s, b in sources if is_reference_conversion(given, s) or s in WIDENINGS.get(given, ())]
    for source, bound in fitting:
        if all(source == s or _is_standard(source, s) for s, _ in fitting):
            return bound
    return None


def _ends(bound: Bound, wanted: Type, name: str) -> bool:
    row, known, _ = bound
    result = substituted(row.result, known)
    if result == wanted or (name == "implicit" and is_reference_conversion(result, wanted) and wanted != OBJECT):
        return True
    return name == "explicit" and wanted in NUMBERS and result in NUMBERS and wanted in WIDENINGS[result]


def _is_standard(given: Type, wanted: Type) -> bool:
    return is_reference_conversion(given, wanted) or wanted in WIDENINGS.get(given, ())


@cache
def is_implicit(given: Type, wanted: Type) -> bool:
    """Whether a value that is no constant converts without a cast."""
    if given == wanted:
        return True
    if given == NULL:
        return (wanted.is_reference or is_nullable_value(wanted)) and wanted.is_value
    if wanted in WIDENINGS.get(given, ()):
        return True
    if is_nullable_value(wanted) and is_implicit(underlying(given), underlying(wanted)):
        return True
    if is_reference_conversion(given, wanted):
        return True
    return _own_conversion(given, wanted, "implicit") is not None


def converts(value: typed.Typed, wanted: Type) -> bool:
    """Whether the value is taken where a `wanted` is expected, without a cast (section 10.2)."""
    return is_implicit(value.type, wanted) or _fits_constant(value, underlying(wanted))


def _fits_constant(value: typed.Typed, wanted: Type) -> bool:
    """Constants of int and long convert where they fit (section 10.2.11); the literal 0 is of every enumeration."""
    if not isinstance(value, typed.Constant) or not isinstance(value.value, int) or isinstance(value.value, bool):
        return False
    if value.type == INT and wanted in _RANGES and wanted != CHAR:
        return in_range(value.value, wanted)
    if value.type == LONG and wanted == ULONG:
        return value.value >= 0
    return value.type == INT and value.value == 0 and is_enumeration(wanted)


def implicit(value: typed.Typed, wanted: Type) -> typed.Typed | None:
    """The value as a `wanted`; None if that takes a cast."""
    given = value.type
    if given == wanted:
        return value
    if given == NULL:
        return typed.Constant(None, wanted, value.span) if is_implicit(given, wanted) else None
    if isinstance(value, typed.Constant) and (number := _constant(value, wanted)) is not None:
        return number
    if wanted in WIDENINGS.get(given, ()):
        return typed.Numeric(value, wanted, is_checked=False, span=value.span)
    if is_nullable_value(wanted):
        inner = underlying(wanted)
        if is_nullable_value(given):
            return _lifted(value, wanted) if is_implicit(underlying(given), inner) else None
        plain = implicit(value, inner)
        return typed.Same(plain, wanted, value.span, nullable=False) if plain is not None else None
    if wanted == OBJECT and given.is_value and given.name != "void":
        return typed.Same(typed.Boxed(value, value.span), OBJECT, value.span, value.nullable)
    if is_reference_conversion(given, wanted):
        return typed.Same(value, wanted, value.span, value.nullable)
    bound = _own_conversion(given, wanted, "implicit")
    return _converted(value, bound, wanted, value.span) if bound is not None else None


def _constant(value: typed.Constant, wanted: Type) -> typed.Typed | None:
    """A constant number of another type is a constant too."""
    target = underlying(wanted)
    number = value.value
    if isinstance(number, bool) or not isinstance(number, int) or value.type not in WHOLE:
        return None
    if target not in WIDENINGS[value.type] and not _fits_constant(value, target):
        return None
    folded: int | float | str = number
    if target == DECIMAL:
        folded = str(number)
    elif target == DOUBLE:
        folded = float(number)
    elif target == FLOAT:
        return None
    constant = typed.Constant(folded, target, value.span)
    return constant if target == wanted else typed.Same(constant, wanted, value.span, nullable=False)


def _lifted(value: typed.Typed, wanted: Type) -> typed.Typed:
    """`int?` to `long?`: null stays null."""
    inner = underlying(value.type)
    slot = typed.Slot(inner, value.span)
    body = implicit(slot, underlying(wanted))
    return typed.Chain(value, body if body is not None else slot, wanted, value.span)


def _converted(value: typed.Typed, bound: Bound, wanted: Type, span: Span) -> typed.Typed:
    """A call of a conversion that a type declares, with the standard conversions before and behind it."""
    row, known, _ = bound
    source, result = substituted((row.parameters or (OBJECT,))[0], known), substituted(row.result, known)
    argument = implicit(value, source) if source != value.type else value
    bindings = tuple((variable.name, type_) for variable, type_ in known.items())
    is_nullable = row.nullable and (result.is_reference or is_nullable_value(result))
    argument = argument if argument is not None else value
    use: typed.Typed = typed.Use(row, typed.Ambient(row.owner, span), (argument,), result, span, is_nullable, bindings)
    if result == wanted:
        return use
    behind = implicit(use, wanted)
    return behind if behind is not None else use


def explicit(value: typed.Typed, wanted: Type, span: Span, *, is_checked: bool) -> typed.Typed | None:
    """A cast (section 10.3); None if there is none."""
    given = value.type
    if given == wanted:
        return value
    direct = implicit(value, wanted)
    if direct is not None:
        return direct
    own = _own_conversion(given, wanted, "explicit")
    if own is not None:
        return _converted(value, own, wanted, span)
    if _is_number(given) and _is_number(wanted):
        return typed.Numeric(value, wanted, is_checked, span)
    if is_nullable_value(given):
        return _from_nullable(value, wanted, span, is_checked=is_checked)
    if is_nullable_value(wanted):
        inner = explicit(value, underlying(wanted), span, is_checked=is_checked)
        if given == OBJECT or given.is_reference:
            return typed.Unboxed(value, wanted, span, value.nullable) if _may_be(given, wanted) else inner
        return typed.Same(inner, wanted, span, nullable=False) if inner is not None else None
    if _may_be(given, wanted):
        return typed.Unboxed(value, wanted, span, value.nullable and wanted.is_reference)
    return None


def _is_number(type_: Type) -> bool:
    return type_ in NUMBERS or is_enumeration(type_)


def _may_be(given: Type, wanted: Type) -> bool:
    """Whether a value of the one type may turn out to be of the other: down the bases, or between interfaces."""
    if given == OBJECT:
        return wanted.is_value
    if is_reference_conversion(wanted, given):
        return True
    is_interface = any(t.name[:1] == "I" and t.name[1:2].isupper() for t in (given, wanted))
    return is_interface and given.is_reference and wanted.is_reference and STRING not in (given, wanted)


def _from_nullable(value: typed.Typed, wanted: Type, span: Span, *, is_checked: bool) -> typed.Typed | None:
    inner = underlying(value.type)
    if is_nullable_value(wanted):
        body = explicit(typed.Slot(inner, span), underlying(wanted), span, is_checked=is_checked)
        return typed.Chain(value, body, wanted, span) if body is not None else None
    row = _value_row(value.type)
    plain: typed.Typed = typed.Use(row, value, (), inner, span, nullable=False)
    return explicit(plain, wanted, span, is_checked=is_checked)


def _value_row(type_: Type) -> MemberRow:
    """`Nullable<T>.Value`, which throws for null."""
    return bound_rows(type_, "Value")[0][0]
