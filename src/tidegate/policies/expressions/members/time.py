"""DateTime, DateTimeOffset and TimeSpan.

Sources: the .NET reference of System.DateTime, System.DateTimeOffset, System.TimeSpan and DateTimeStyles.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.encoding import CONVERT
from tidegate.policies.expressions.members.row import CONSTRUCTOR, MemberRow
from tidegate.policies.expressions.members.text import FORMAT_PROVIDER, constants
from tidegate.policies.expressions.types import BOOL, DOUBLE, INT, LONG, OBJECT, STRING, STRING_ARRAY, Type

DATE_TIME: Final = Type("DateTime", is_reference=False)
DATE_TIME_OFFSET: Final = Type("DateTimeOffset", is_reference=False)
TIME_SPAN: Final = Type("TimeSpan", is_reference=False)
KIND: Final = Type("DateTimeKind", is_reference=False)
DAY_OF_WEEK: Final = Type("DayOfWeek", is_reference=False)
STYLES: Final = Type("DateTimeStyles", is_reference=False, namespace="System.Globalization")

TYPES: Final[tuple[Type, ...]] = (DATE_TIME, DATE_TIME_OFFSET, TIME_SPAN, KIND, DAY_OF_WEEK, STYLES)

_UNITS: Final = (
    ("Days", 864000000000),
    ("Hours", 36000000000),
    ("Minutes", 600000000),
    ("Seconds", 10000000),
    ("Milliseconds", 10000),
)
"""Names of units and their ticks."""
_SIGNS: Final = (
    ("==", "R.time_eq({1}, {2})"),
    ("!=", "(not R.time_eq({1}, {2}))"),
    ("<", "R.time_lt({1}, {2})"),
    ("<=", "R.time_le({1}, {2})"),
    (">", "R.time_lt({2}, {1})"),
    (">=", "R.time_le({2}, {1})"),
)


def _static(owner: Type, name: str, result: Type, lua: str, *parameters: Type) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, static=True)


def _ordered(owner: Type) -> tuple[MemberRow, ...]:
    """Comparisons, and the texts with a format."""
    return (
        *(_static(owner, sign, BOOL, lua, owner, owner) for sign, lua in _SIGNS),
        MemberRow(owner, "Equals", BOOL, "R.time_eq({0}, {1})", (owner,)),
        MemberRow(owner, "Equals", BOOL, "R.equals({0}, {1})", (OBJECT,)),
        MemberRow(owner, "CompareTo", INT, "R.time_compare({0}, {1})", (owner,)),
        _static(owner, "Compare", INT, "R.time_compare({1}, {2})", owner, owner),
        MemberRow(owner, "ToString", STRING, "R.text({0})", ()),
        MemberRow(owner, "ToString", STRING, f'R.format({{0}}, "{owner.name}", {{1}})', (STRING,)),
        MemberRow(owner, "ToString", STRING, f'R.format({{0}}, "{owner.name}", {{1}})', (STRING, FORMAT_PROVIDER)),
        MemberRow(owner, "ToString", STRING, "R.text({0})", (FORMAT_PROVIDER,)),
    )


def _moment(owner: Type, name: str) -> tuple[MemberRow, ...]:
    """What DateTime and DateTimeOffset have alike. `name` is theirs in the runtime: date, offset."""
    parse, exact = f"R.parse_{name}", f"R.parse_{name}_exact"
    attempt, attempt_exact = f"R.try_parse_{name}", f"R.try_parse_{name}_exact"
    return (
        *_ordered(owner),
        *(
            MemberRow(owner, member, INT, f"R.{function}({{0}})")
            for member, function in (
                ("Year", "year"),
                ("Month", "month"),
                ("Day", "day"),
                ("Hour", "hour"),
                ("Minute", "minute"),
                ("Second", "second"),
                ("Millisecond", "millisecond"),
                ("DayOfYear", "day_of_year"),
            )
        ),
        MemberRow(owner, "DayOfWeek", DAY_OF_WEEK, "R.day_of_week({0})"),
        MemberRow(owner, "Ticks", LONG, "{0}.ticks"),
        MemberRow(owner, "TimeOfDay", TIME_SPAN, "R.time_of_day({0})"),
        MemberRow(owner, "Date", DATE_TIME, "R.date_part({0})"),
        *(
            MemberRow(owner, f"Add{unit}", owner, f"R.time_add_units({{0}}, {{1}}, {ticks})", (DOUBLE,))
            for unit, ticks in _UNITS
        ),
        MemberRow(owner, "AddMonths", owner, "R.time_add_months({0}, {1})", (INT,)),
        MemberRow(owner, "AddYears", owner, "R.time_add_years({0}, {1})", (INT,)),
        MemberRow(owner, "AddTicks", owner, "R.time_add_ticks({0}, {1})", (LONG,)),
        MemberRow(owner, "Add", owner, "R.time_add({0}, {1})", (TIME_SPAN,)),
        MemberRow(owner, "Subtract", TIME_SPAN, "R.time_between({0}, {1})", (owner,)),
        MemberRow(owner, "Subtract", owner, "R.time_sub({0}, {1})", (TIME_SPAN,)),
        _static(owner, "+", owner, "R.time_add({1}, {2})", owner, TIME_SPAN),
        _static(owner, "-", owner, "R.time_sub({1}, {2})", owner, TIME_SPAN),
        _static(owner, "-", TIME_SPAN, "R.time_between({1}, {2})", owner, owner),
        MemberRow(owner, "ToUniversalTime", owner, "R.to_kind({0}, 1)", ()),
        MemberRow(owner, "ToLocalTime", owner, "R.to_kind({0}, 2)", ()),
        _static(owner, "Parse", owner, f"{parse}({{1}})", STRING),
        _static(owner, "Parse", owner, f"{parse}({{1}})", STRING, FORMAT_PROVIDER),
        _static(owner, "Parse", owner, f"{parse}({{1}}, {{3}})", STRING, FORMAT_PROVIDER, STYLES),
        _static(owner, "ParseExact", owner, f"{exact}({{1}}, {{2}})", STRING, STRING, FORMAT_PROVIDER),
        _static(owner, "ParseExact", owner, f"{exact}({{1}}, {{2}}, {{4}})", STRING, STRING, FORMAT_PROVIDER, STYLES),
        _static(
            owner, "ParseExact", owner, f"{exact}({{1}}, {{2}}, {{4}})", STRING, STRING_ARRAY, FORMAT_PROVIDER, STYLES
        ),
        MemberRow(owner, "TryParse", BOOL, f"{attempt}({{1}})", (STRING, owner), static=True, out=(1,)),
        MemberRow(
            owner,
            "TryParse",
            BOOL,
            f"{attempt}({{1}}, {{3}})",
            (STRING, FORMAT_PROVIDER, STYLES, owner),
            static=True,
            out=(3,),
        ),
        *(
            MemberRow(
                owner,
                "TryParseExact",
                BOOL,
                f"{attempt_exact}({{1}}, {{2}}, {{4}})",
                (STRING, formats, FORMAT_PROVIDER, STYLES, owner),
                static=True,
                out=(4,),
            )
            for formats in (STRING, STRING_ARRAY)
        ),
    )


def _constant(owner: Type, name: str, known: str) -> MemberRow:
    return MemberRow(owner, name, owner, f'R.time_constant("{known}")', static=True)


_DATE_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(DATE_TIME, "UtcNow", DATE_TIME, "R.now(1)", static=True),
    MemberRow(DATE_TIME, "Now", DATE_TIME, "R.now(2)", static=True),
    MemberRow(DATE_TIME, "Today", DATE_TIME, "R.today()", static=True),
    _constant(DATE_TIME, "MinValue", "min_date"),
    _constant(DATE_TIME, "MaxValue", "max_date"),
    _constant(DATE_TIME, "UnixEpoch", "unix_date"),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, 'R.time_constant("min_date")'),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.datetime({1})", LONG),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.datetime({1}, {2})", LONG, KIND),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.date({1}, {2}, {3})", INT, INT, INT),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.date({1}, {2}, {3}, {4}, {5}, {6})", *(INT,) * 6),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.date({1}, {2}, {3}, {4}, {5}, {6}, 0, {7})", *(INT,) * 6, KIND),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.date({1}, {2}, {3}, {4}, {5}, {6}, {7})", *(INT,) * 7),
    _static(DATE_TIME, CONSTRUCTOR, DATE_TIME, "R.date({1}, {2}, {3}, {4}, {5}, {6}, {7}, {8})", *(INT,) * 7, KIND),
    _static(DATE_TIME, "DaysInMonth", INT, "R.days_in_month({1}, {2})", INT, INT),
    _static(DATE_TIME, "IsLeapYear", BOOL, "R.is_leap_year({1})", INT),
    _static(DATE_TIME, "SpecifyKind", DATE_TIME, "R.specify_kind({1}, {2})", DATE_TIME, KIND),
    MemberRow(DATE_TIME, "Kind", KIND, "{0}.kind"),
    MemberRow(DATE_TIME, "ToShortDateString", STRING, 'R.format({0}, "DateTime", "d")', ()),
    MemberRow(DATE_TIME, "ToLongDateString", STRING, 'R.format({0}, "DateTime", "D")', ()),
    MemberRow(DATE_TIME, "ToShortTimeString", STRING, 'R.format({0}, "DateTime", "t")', ()),
    MemberRow(DATE_TIME, "ToLongTimeString", STRING, 'R.format({0}, "DateTime", "T")', ()),
    *_moment(DATE_TIME, "date"),
)

_OFFSET_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(DATE_TIME_OFFSET, "UtcNow", DATE_TIME_OFFSET, "R.offset_now()", static=True),
    MemberRow(DATE_TIME_OFFSET, "Now", DATE_TIME_OFFSET, "R.offset_now()", static=True),
    _constant(DATE_TIME_OFFSET, "MinValue", "min_offset"),
    _constant(DATE_TIME_OFFSET, "MaxValue", "max_offset"),
    _constant(DATE_TIME_OFFSET, "UnixEpoch", "unix_offset"),
    _static(DATE_TIME_OFFSET, CONSTRUCTOR, DATE_TIME_OFFSET, "R.offset_of({1})", DATE_TIME),
    _static(DATE_TIME_OFFSET, CONSTRUCTOR, DATE_TIME_OFFSET, "R.offset_of({1}, {2})", DATE_TIME, TIME_SPAN),
    _static(DATE_TIME_OFFSET, CONSTRUCTOR, DATE_TIME_OFFSET, "R.offset_from_ticks({1}, {2})", LONG, TIME_SPAN),
    _static(
        DATE_TIME_OFFSET,
        CONSTRUCTOR,
        DATE_TIME_OFFSET,
        "R.offset_of(R.date({1}, {2}, {3}, {4}, {5}, {6}), {7})",
        *(INT,) * 6,
        TIME_SPAN,
    ),
    _static(DATE_TIME_OFFSET, "implicit", DATE_TIME_OFFSET, "R.offset_of({1})", DATE_TIME),
    _static(DATE_TIME_OFFSET, "FromUnixTimeSeconds", DATE_TIME_OFFSET, "R.from_unix({1}, 10000000)", LONG),
    _static(DATE_TIME_OFFSET, "FromUnixTimeMilliseconds", DATE_TIME_OFFSET, "R.from_unix({1}, 10000)", LONG),
    MemberRow(DATE_TIME_OFFSET, "ToUnixTimeSeconds", LONG, "R.to_unix({0}, 10000000)", ()),
    MemberRow(DATE_TIME_OFFSET, "ToUnixTimeMilliseconds", LONG, "R.to_unix({0}, 10000)", ()),
    MemberRow(DATE_TIME_OFFSET, "Offset", TIME_SPAN, "R.timespan({0}.offset)"),
    MemberRow(DATE_TIME_OFFSET, "UtcTicks", LONG, "R.utc_ticks({0})"),
    MemberRow(DATE_TIME_OFFSET, "DateTime", DATE_TIME, "R.offset_datetime({0}, 0)"),
    MemberRow(DATE_TIME_OFFSET, "UtcDateTime", DATE_TIME, "R.offset_datetime({0}, 1)"),
    MemberRow(DATE_TIME_OFFSET, "LocalDateTime", DATE_TIME, "R.offset_datetime({0}, 2)"),
    MemberRow(DATE_TIME_OFFSET, "ToOffset", DATE_TIME_OFFSET, "R.to_offset({0}, {1})", (TIME_SPAN,)),
    *_moment(DATE_TIME_OFFSET, "offset"),
)

_SPAN_ROWS: Final[tuple[MemberRow, ...]] = (
    _constant(TIME_SPAN, "Zero", "zero"),
    _constant(TIME_SPAN, "MinValue", "min_span"),
    _constant(TIME_SPAN, "MaxValue", "max_span"),
    _static(TIME_SPAN, CONSTRUCTOR, TIME_SPAN, 'R.time_constant("zero")'),
    _static(TIME_SPAN, CONSTRUCTOR, TIME_SPAN, "R.timespan({1})", LONG),
    _static(TIME_SPAN, CONSTRUCTOR, TIME_SPAN, "R.span_from(0, {1}, {2}, {3})", INT, INT, INT),
    _static(TIME_SPAN, CONSTRUCTOR, TIME_SPAN, "R.span_from({1}, {2}, {3}, {4})", *(INT,) * 4),
    _static(TIME_SPAN, CONSTRUCTOR, TIME_SPAN, "R.span_from({1}, {2}, {3}, {4}, {5})", *(INT,) * 5),
    *(_static(TIME_SPAN, f"From{unit}", TIME_SPAN, f"R.span_of({{1}}, {ticks})", DOUBLE) for unit, ticks in _UNITS),
    _static(TIME_SPAN, "FromTicks", TIME_SPAN, "R.timespan({1})", LONG),
    *(
        MemberRow(TIME_SPAN, f"TicksPer{unit.removesuffix('s')}", LONG, f"{ticks}LL", static=True)
        for unit, ticks in _UNITS
    ),
    MemberRow(TIME_SPAN, "Ticks", LONG, "{0}.ticks"),
    *(
        MemberRow(TIME_SPAN, unit, INT, f"R.span_part({{0}}, {ticks}{limit})")
        for (unit, ticks), limit in zip(_UNITS, ("", ", 24", ", 60", ", 60", ", 1000"), strict=True)
    ),
    *(MemberRow(TIME_SPAN, f"Total{unit}", DOUBLE, f"R.span_total({{0}}, {ticks})") for unit, ticks in _UNITS),
    MemberRow(TIME_SPAN, "Add", TIME_SPAN, "R.span_add({0}, {1})", (TIME_SPAN,)),
    MemberRow(TIME_SPAN, "Subtract", TIME_SPAN, "R.span_sub({0}, {1})", (TIME_SPAN,)),
    MemberRow(TIME_SPAN, "Negate", TIME_SPAN, "R.span_neg({0})", ()),
    MemberRow(TIME_SPAN, "Duration", TIME_SPAN, "R.span_abs({0})", ()),
    _static(TIME_SPAN, "+", TIME_SPAN, "R.span_add({1}, {2})", TIME_SPAN, TIME_SPAN),
    _static(TIME_SPAN, "-", TIME_SPAN, "R.span_sub({1}, {2})", TIME_SPAN, TIME_SPAN),
    _static(TIME_SPAN, "-", TIME_SPAN, "R.span_neg({1})", TIME_SPAN),
    _static(TIME_SPAN, "*", TIME_SPAN, "R.span_mul({1}, {2})", TIME_SPAN, DOUBLE),
    _static(TIME_SPAN, "*", TIME_SPAN, "R.span_mul({2}, {1})", DOUBLE, TIME_SPAN),
    _static(TIME_SPAN, "/", TIME_SPAN, "R.span_div({1}, {2})", TIME_SPAN, DOUBLE),
    _static(TIME_SPAN, "/", DOUBLE, "R.span_ratio({1}, {2})", TIME_SPAN, TIME_SPAN),
    _static(TIME_SPAN, "Parse", TIME_SPAN, "R.parse_span({1})", STRING),
    _static(TIME_SPAN, "Parse", TIME_SPAN, "R.parse_span({1})", STRING, FORMAT_PROVIDER),
    MemberRow(TIME_SPAN, "TryParse", BOOL, "R.try_parse_span({1})", (STRING, TIME_SPAN), static=True, out=(1,)),
    *_ordered(TIME_SPAN),
)

ROWS: Final[tuple[MemberRow, ...]] = (
    *_DATE_ROWS,
    *_OFFSET_ROWS,
    *_SPAN_ROWS,
    *constants(KIND, ("Unspecified", "Utc", "Local")),
    *constants(DAY_OF_WEEK, ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")),
    *(
        MemberRow(STYLES, name, STYLES, str(value), static=True)
        for name, value in (
            ("None", 0),
            ("AllowLeadingWhite", 1),
            ("AllowTrailingWhite", 2),
            ("AllowInnerWhite", 4),
            ("AllowWhiteSpaces", 7),
            ("NoCurrentDateDefault", 8),
            ("AdjustToUniversal", 16),
            ("AssumeLocal", 32),
            ("AssumeUniversal", 64),
            ("RoundtripKind", 128),
        )
    ),
    *(
        _static(CONVERT, "ToDateTime", DATE_TIME, "R.convert_date({1})", *parameters)
        for parameters in ((STRING,), (OBJECT,), (STRING, FORMAT_PROVIDER), (OBJECT, FORMAT_PROVIDER))
    ),
    _static(STYLES, "|", STYLES, "R.int_or({1}, {2})", STYLES, STYLES),
)
"""Overloads of one member stand in the order in which messages list them."""
