"""Numbers and booleans: parsing, texts, Math and Convert.

Sources: the .NET reference of the numeric types, System.Boolean, System.Math, System.Convert, NumberStyles and
CultureInfo. C#'s own arithmetic and casts are the checker's.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.encoding import CONVERT
from tidegate.policies.expressions.members.row import CONSTRUCTOR, MemberRow
from tidegate.policies.expressions.members.text import FORMAT_PROVIDER, constants
from tidegate.policies.expressions.types import (
    BOOL,
    BYTE,
    CHAR,
    DECIMAL,
    DOUBLE,
    FLOAT,
    INT,
    LONG,
    OBJECT,
    SBYTE,
    SHORT,
    STRING,
    UINT,
    ULONG,
    USHORT,
    Type,
)

MATH: Final = Type("Math", is_value=False)
ROUNDING: Final = Type("MidpointRounding", is_reference=False)
STYLES: Final = Type("NumberStyles", is_reference=False, namespace="System.Globalization")
CULTURE: Final = Type("CultureInfo", namespace="System.Globalization", bases=(FORMAT_PROVIDER,))
NUMBER_FORMAT: Final = Type("NumberFormatInfo", namespace="System.Globalization", bases=(FORMAT_PROVIDER,))

TYPES: Final[tuple[Type, ...]] = (MATH, ROUNDING, STYLES, CULTURE, NUMBER_FORMAT)

_INTEGERS: Final = (BYTE, SBYTE, SHORT, USHORT, INT, UINT, LONG, ULONG)
_NUMBERS: Final = (*_INTEGERS, FLOAT, DOUBLE, DECIMAL)
_LIMITS: Final = {
    BYTE: ("0", "255"),
    SBYTE: ("-128", "127"),
    SHORT: ("-32768", "32767"),
    USHORT: ("0", "65535"),
    INT: ("-2147483648", "2147483647"),
    UINT: ("0", "4294967295"),
    LONG: ("(-0x7FFFFFFFFFFFFFFFLL - 1)", "0x7FFFFFFFFFFFFFFFLL"),
    ULONG: ("0ULL", "0xFFFFFFFFFFFFFFFFULL"),
    FLOAT: ("-3.4028234663852886e38", "3.4028234663852886e38"),
    DOUBLE: ("-1.7976931348623157e308", "1.7976931348623157e308"),
    DECIMAL: ('R.decimal("-79228162514264337593543950335")', 'R.decimal("79228162514264337593543950335")'),
}


def _static(owner: Type, name: str, result: Type, lua: str, *parameters: Type) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, static=True)


def _compared(type_: Type) -> str:
    """CompareTo: decimals compare by themselves, the others as Lua does."""
    if type_ == DECIMAL:
        return "R.decimal_compare({0}, {1})"
    return f'R.compare(R.box("{type_.name}", {{0}}), R.box("{type_.name}", {{1}}))'


def _number(type_: Type) -> tuple[MemberRow, ...]:
    """What every numeric type has."""
    name = type_.name
    low, high = _LIMITS[type_]
    parse, attempt, text = f"R.parse_{name}", f"R.try_parse_{name}", f'R.num_format({{0}}, "{name}", {{1}})'
    same = "R.decimal_eq({0}, {1})" if type_ == DECIMAL else "({0} == {1})"
    return (
        MemberRow(type_, "ToString", STRING, f'R.num_text({{0}}, "{name}")', ()),
        MemberRow(type_, "ToString", STRING, text, (STRING,)),
        MemberRow(type_, "ToString", STRING, text, (STRING, FORMAT_PROVIDER)),
        MemberRow(type_, "ToString", STRING, f'R.num_text({{0}}, "{name}")', (FORMAT_PROVIDER,)),
        MemberRow(type_, "Equals", BOOL, same, (type_,)),
        MemberRow(type_, "Equals", BOOL, f'R.equals(R.box("{name}", {{0}}), {{1}})', (OBJECT,)),
        MemberRow(type_, "CompareTo", INT, _compared(type_), (type_,)),
        _static(type_, "Parse", type_, f"{parse}({{1}})", STRING),
        _static(type_, "Parse", type_, f"{parse}({{1}}, {{2}})", STRING, STYLES),
        _static(type_, "Parse", type_, f"{parse}({{1}})", STRING, FORMAT_PROVIDER),
        _static(type_, "Parse", type_, f"{parse}({{1}}, {{2}})", STRING, STYLES, FORMAT_PROVIDER),
        MemberRow(type_, "TryParse", BOOL, f"{attempt}({{1}})", (STRING, type_), static=True, out=(1,)),
        MemberRow(
            type_,
            "TryParse",
            BOOL,
            f"{attempt}({{1}}, {{2}})",
            (STRING, STYLES, FORMAT_PROVIDER, type_),
            static=True,
            out=(3,),
        ),
        MemberRow(type_, "MinValue", type_, low, static=True),
        MemberRow(type_, "MaxValue", type_, high, static=True),
    )


_FLOATING_ROWS: Final[tuple[MemberRow, ...]] = tuple(
    row
    for type_ in (DOUBLE, FLOAT)
    for row in (
        _static(type_, "IsNaN", BOOL, "({1} ~= {1})", type_),
        _static(type_, "IsInfinity", BOOL, "(math.abs({1}) == math.huge)", type_),
        _static(type_, "IsPositiveInfinity", BOOL, "({1} == math.huge)", type_),
        _static(type_, "IsNegativeInfinity", BOOL, "({1} == -math.huge)", type_),
        MemberRow(type_, "NaN", type_, "(0/0)", static=True),
        MemberRow(type_, "PositiveInfinity", type_, "math.huge", static=True),
        MemberRow(type_, "NegativeInfinity", type_, "(-math.huge)", static=True),
        MemberRow(
            type_,
            "Epsilon",
            type_,
            "4.94065645841247e-324" if type_ == DOUBLE else "1.401298464324817e-45",
            static=True,
        ),
    )
)

_BOOL_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(BOOL, "ToString", STRING, "R.text({0})", ()),
    MemberRow(BOOL, "Equals", BOOL, "({0} == {1})", (BOOL,)),
    MemberRow(BOOL, "CompareTo", INT, "R.compare({0}, {1})", (BOOL,)),
    _static(BOOL, "Parse", BOOL, "R.parse_bool({1})", STRING),
    MemberRow(BOOL, "TryParse", BOOL, "R.try_parse_bool({1})", (STRING, BOOL), static=True, out=(1,)),
    MemberRow(BOOL, "TrueString", STRING, '"True"', static=True),
    MemberRow(BOOL, "FalseString", STRING, '"False"', static=True),
)

_DECIMAL_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(DECIMAL, "Zero", DECIMAL, 'R.decimal("0")', static=True),
    MemberRow(DECIMAL, "One", DECIMAL, 'R.decimal("1")', static=True),
    MemberRow(DECIMAL, "MinusOne", DECIMAL, 'R.decimal("-1")', static=True),
    *(
        _static(owner, name, DECIMAL, lua, *parameters)
        for owner in (DECIMAL, MATH)
        for name, lua, parameters in (
            ("Round", "R.decimal_math_round({1})", (DECIMAL,)),
            ("Round", "R.decimal_math_round({1}, {2})", (DECIMAL, INT)),
            ("Round", "R.decimal_math_round({1}, 0, {2})", (DECIMAL, ROUNDING)),
            ("Round", "R.decimal_math_round({1}, {2}, {3})", (DECIMAL, INT, ROUNDING)),
            ("Floor", "R.decimal_floor({1})", (DECIMAL,)),
            ("Ceiling", "R.decimal_ceiling({1})", (DECIMAL,)),
            ("Truncate", "R.decimal_round({1}, 0)", (DECIMAL,)),
        )
    ),
    _static(DECIMAL, "Add", DECIMAL, "R.decimal_add({1}, {2})", DECIMAL, DECIMAL),
    _static(DECIMAL, "Subtract", DECIMAL, "R.decimal_sub({1}, {2})", DECIMAL, DECIMAL),
    _static(DECIMAL, "Multiply", DECIMAL, "R.decimal_mul({1}, {2})", DECIMAL, DECIMAL),
    _static(DECIMAL, "Divide", DECIMAL, "R.decimal_div({1}, {2})", DECIMAL, DECIMAL),
    _static(DECIMAL, "Remainder", DECIMAL, "R.decimal_rem({1}, {2})", DECIMAL, DECIMAL),
    _static(DECIMAL, "Negate", DECIMAL, "R.decimal_neg({1})", DECIMAL),
    *(
        _static(DECIMAL, f"To{name}", type_, f"R.to_{type_.name}({{1}})", DECIMAL)
        for name, type_ in (("Int32", INT), ("Int64", LONG), ("Byte", BYTE), ("Double", DOUBLE), ("Single", FLOAT))
    ),
    _static(DECIMAL, "Compare", INT, "R.decimal_compare({1}, {2})", DECIMAL, DECIMAL),
)

_MATH_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(MATH, "PI", DOUBLE, "3.141592653589793", static=True),
    MemberRow(MATH, "E", DOUBLE, "2.718281828459045", static=True),
    *(
        _static(MATH, name, type_, f"R.{function}({{1}}, {{2}})", type_, type_)
        for name, lower in (("Max", "max"), ("Min", "min"))
        for type_, function in (
            *((each, f"math_{lower}") for each in (INT, LONG, UINT, ULONG, SHORT, USHORT, BYTE, SBYTE)),
            (DOUBLE, f"double_{lower}"),
            (FLOAT, f"double_{lower}"),
            (DECIMAL, f"decimal_{lower}"),
        )
    ),
    _static(MATH, "Abs", INT, "R.int_abs({1})", INT),
    _static(MATH, "Abs", LONG, "R.long_abs({1})", LONG),
    _static(MATH, "Abs", DOUBLE, "math.abs({1})", DOUBLE),
    _static(MATH, "Abs", FLOAT, "math.abs({1})", FLOAT),
    _static(MATH, "Abs", DECIMAL, "R.decimal_abs({1})", DECIMAL),
    _static(MATH, "Sign", INT, "R.math_sign({1})", INT),
    _static(MATH, "Sign", INT, "R.math_sign({1})", LONG),
    _static(MATH, "Sign", INT, "R.math_sign({1})", DOUBLE),
    _static(MATH, "Sign", INT, "R.decimal_sign({1})", DECIMAL),
    *(
        _static(MATH, "Clamp", type_, "R.math_clamp({1}, {2}, {3})", type_, type_, type_)
        for type_ in (INT, LONG, DOUBLE)
    ),
    *(
        MemberRow(MATH, "DivRem", type_, "R.div_rem({1}, {2})", (type_, type_, type_), static=True, out=(2,))
        for type_ in (INT, LONG)
    ),
    _static(MATH, "Round", DOUBLE, "R.math_round({1})", DOUBLE),
    _static(MATH, "Round", DOUBLE, "R.math_round({1}, {2})", DOUBLE, INT),
    _static(MATH, "Round", DOUBLE, "R.math_round({1}, 0, {2})", DOUBLE, ROUNDING),
    _static(MATH, "Round", DOUBLE, "R.math_round({1}, {2}, {3})", DOUBLE, INT, ROUNDING),
    _static(MATH, "Floor", DOUBLE, "math.floor({1})", DOUBLE),
    _static(MATH, "Ceiling", DOUBLE, "math.ceil({1})", DOUBLE),
    _static(MATH, "Truncate", DOUBLE, "R.math_truncate({1})", DOUBLE),
    _static(MATH, "Pow", DOUBLE, "math.pow({1}, {2})", DOUBLE, DOUBLE),
    _static(MATH, "Log", DOUBLE, "R.math_log({1})", DOUBLE),
    _static(MATH, "Log", DOUBLE, "R.math_log({1}, {2})", DOUBLE, DOUBLE),
    *(
        _static(MATH, name, DOUBLE, f"math.{name.lower()}({{1}})", DOUBLE)
        for name in ("Sqrt", "Exp", "Log10", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Tanh")
    ),
    _static(MATH, "Atan2", DOUBLE, "math.atan2({1}, {2})", DOUBLE, DOUBLE),
    *constants(ROUNDING, ("ToEven", "AwayFromZero", "ToZero", "ToNegativeInfinity", "ToPositiveInfinity")),
)

_CONVERTED: Final = (
    ("ToInt32", INT),
    ("ToInt64", LONG),
    ("ToInt16", SHORT),
    ("ToUInt32", UINT),
    ("ToUInt64", ULONG),
    ("ToUInt16", USHORT),
    ("ToByte", BYTE),
    ("ToSByte", SBYTE),
    ("ToDouble", DOUBLE),
    ("ToSingle", FLOAT),
    ("ToDecimal", DECIMAL),
    ("ToBoolean", BOOL),
)


def _converts(name: str, type_: Type) -> tuple[MemberRow, ...]:
    """Convert.ToX. What the argument is matters for floats and characters only; others say it themselves."""
    call = f"R.convert_{type_.name}"
    return (
        *(_static(CONVERT, name, type_, f"{call}({{1}})", each) for each in (STRING, BOOL)),
        *(
            _static(
                CONVERT,
                name,
                type_,
                f'{call}(R.box("{each.name}", {{1}}))' if each == FLOAT else f"{call}({{1}})",
                each,
            )
            for each in _NUMBERS
        ),
        *(() if type_ in (BOOL, DOUBLE, FLOAT, DECIMAL) else (_static(CONVERT, name, type_, f"{call}({{1}})", CHAR),)),
        _static(CONVERT, name, type_, f"{call}({{1}})", OBJECT),
        _static(CONVERT, name, type_, f"{call}({{1}})", STRING, FORMAT_PROVIDER),
        _static(CONVERT, name, type_, f"{call}({{1}})", OBJECT, FORMAT_PROVIDER),
    )


_CONVERT_ROWS: Final[tuple[MemberRow, ...]] = (
    *(row for name, type_ in _CONVERTED for row in _converts(name, type_)),
    *(
        _static(CONVERT, name, type_, f'R.parse_base({{1}}, {{2}}, "{type_.name}")', STRING, INT)
        for name, type_ in _CONVERTED[:8]
    ),
    _static(CONVERT, "ToString", STRING, "{1}", STRING),
    *(
        _static(CONVERT, "ToString", STRING, f'R.text_as({{1}}, "{type_.name}")', type_)
        for type_ in (*_NUMBERS, CHAR, BOOL)
    ),
    _static(CONVERT, "ToString", STRING, "R.text({1})", OBJECT),
    _static(CONVERT, "ToString", STRING, "R.text({1})", OBJECT, FORMAT_PROVIDER),
    *(
        _static(CONVERT, "ToString", STRING, f'R.to_base({{1}}, {{2}}, "{t.name}")', t, INT)
        for t in (BYTE, SHORT, INT, LONG)
    ),
    _static(CONVERT, "ToChar", CHAR, "R.parse_char({1})", STRING),
    _static(CONVERT, "ToChar", CHAR, "R.convert_char({1})", INT),
)

_OBJECT_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(OBJECT, "ToString", STRING, "R.text({0})", ()),
    MemberRow(OBJECT, "Equals", BOOL, "R.equals({0}, {1})", (OBJECT,)),
    _static(OBJECT, "Equals", BOOL, "R.equals({1}, {2})", OBJECT, OBJECT),
    _static(OBJECT, "ReferenceEquals", BOOL, "rawequal({1}, {2})", OBJECT, OBJECT),
)

_CULTURE_ROWS: Final[tuple[MemberRow, ...]] = (
    *(
        MemberRow(CULTURE, name, CULTURE, "R.culture()", static=True)
        for name in ("InvariantCulture", "CurrentCulture", "CurrentUICulture")
    ),
    _static(CULTURE, CONSTRUCTOR, CULTURE, "R.culture({1})", STRING),
    _static(CULTURE, "GetCultureInfo", CULTURE, "R.culture({1})", STRING),
    MemberRow(CULTURE, "Name", STRING, '""'),
    MemberRow(CULTURE, "NumberFormat", NUMBER_FORMAT, "{0}"),
    *(
        MemberRow(NUMBER_FORMAT, name, NUMBER_FORMAT, "R.culture()", static=True)
        for name in ("InvariantInfo", "CurrentInfo")
    ),
)

_STYLE_VALUES: Final = (
    ("None", 0),
    ("AllowLeadingWhite", 1),
    ("AllowTrailingWhite", 2),
    ("AllowLeadingSign", 4),
    ("Integer", 7),
    ("AllowTrailingSign", 8),
    ("AllowParentheses", 16),
    ("AllowDecimalPoint", 32),
    ("AllowThousands", 64),
    ("Number", 111),
    ("AllowExponent", 128),
    ("Float", 167),
    ("AllowCurrencySymbol", 256),
    ("Currency", 383),
    ("Any", 511),
    ("AllowHexSpecifier", 512),
    ("HexNumber", 515),
)

ROWS: Final[tuple[MemberRow, ...]] = (
    *(row for type_ in _NUMBERS for row in _number(type_)),
    *_FLOATING_ROWS,
    *_BOOL_ROWS,
    *_DECIMAL_ROWS,
    *_MATH_ROWS,
    *_CONVERT_ROWS,
    *_OBJECT_ROWS,
    *_CULTURE_ROWS,
    *(MemberRow(STYLES, name, STYLES, str(value), static=True) for name, value in _STYLE_VALUES),
    _static(STYLES, "|", STYLES, "R.int_or({1}, {2})", STYLES, STYLES),
)
"""Overloads of one member stand in the order in which messages list them."""
