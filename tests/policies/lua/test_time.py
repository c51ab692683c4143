"""DateTime, DateTimeOffset, TimeSpan: the calendar, arithmetic, kinds and offsets.

Vectors: the .NET pages of System.DateTime (AddMonths, AddYears, DaysInMonth, Subtract), System.DateTimeOffset
(FromUnixTimeSeconds, ToUnixTimeMilliseconds, ToOffset) and System.TimeSpan (its properties, FromDays); Python's
calendar as an oracle.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import text, value

EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 - .NET's, which has no zone
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999))  # noqa: DTZ001 - as above


def ticks(moment: datetime) -> int:
    """Ticks of 100 ns since the year 1."""
    return (moment - EPOCH) // timedelta(microseconds=1) * 10


def lua(moment: datetime) -> str:
    """The DateTime of a Python datetime."""
    return f"R.datetime({ticks(moment)}LL, 0)"


@given(MOMENTS)
def test_calendar(vm: LuaRuntime, moment: datetime) -> None:
    """Every part agrees with Python's calendar, and parts make the moment again."""
    parts = value(vm, f"table.concat({{R.time_parts({lua(moment)})}}, ' ')").split()
    assert [int(p) for p in parts] == [
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second, moment.microsecond * 10,
    ]  # fmt: skip
    assert value(vm, f"R.day_of_week({lua(moment)})") == moment.isoweekday() % 7
    assert value(vm, f"R.day_of_year({lua(moment)})") == moment.timetuple().tm_yday
    assert value(vm, f"R.DateTime.format({lua(moment)}, 'o')") == moment.isoformat(timespec="microseconds") + "0"
    assert value(vm, f"R.ticks_of({', '.join(parts)})") == str(ticks(moment))
    assert text(vm, f"R.parse_date(R.DateTime.format({lua(moment)}, 'o')).ticks") == str(ticks(moment))


@given(MOMENTS, st.integers(-5000, 5000))
def test_days(vm: LuaRuntime, moment: datetime, days: int) -> None:
    """AddDays is Python's timedelta, or leaves the calendar."""
    call = f"R.time_add_units({lua(moment)}, {days}, 864000000000).ticks"
    try:
        expected = ticks(moment + timedelta(days=days))
    except OverflowError:
        with pytest.raises(Thrown, match="un-representable DateTime"):
            value(vm, call)
    else:
        assert value(vm, call) == str(expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("R.time_add_months(R.date(2015, 12, 31), 2)", "02/29/2016 00:00:00"),
        ("R.time_add_months(R.date(2015, 12, 31), -1)", "11/30/2015 00:00:00"),
        ("R.time_add_years(R.date(2000, 2, 29), 1)", "02/28/2001 00:00:00"),
        ("R.time_add_years(R.date(2000, 2, 29), -4)", "02/29/1996 00:00:00"),
        ("R.time_add_units(R.date(2010, 9, 8, 16, 0, 0), 0.08333, 36000000000)", "09/08/2010 16:04:59"),
        ("R.time_add_units(R.date(2014, 9, 8), -0.5, 864000000000)", "09/07/2014 12:00:00"),
        ("R.time_between(R.date(1996, 12, 6, 13, 2, 0), R.date(1996, 6, 3, 22, 15, 0))", "185.14:47:00"),
        ("R.time_sub(R.date(1996, 12, 6, 13, 2, 0), R.span_from(185, 14, 47, 0))", "06/03/1996 22:15:00"),
        ("R.date_part(R.date(2008, 6, 1, 7, 47, 0))", "06/01/2008 00:00:00"),
        ("R.time_of_day(R.date(2008, 6, 1, 7, 47, 0))", "07:47:00"),
        ("R.days_in_month(2001, 2)", "28"), ("R.days_in_month(2000, 2)", "29"), ("R.is_leap_year(1900)", "False"),
        ("R.from_unix(1420588800, 10000000)", "01/07/2015 00:00:00 +00:00"),
        ("R.from_unix(-1, 10000)", "12/31/1969 23:59:59 +00:00"),
        ("R.to_unix(R.from_unix(-1500LL, 10000), 10000000)", "-2"),
        ("R.to_offset(R.from_unix(0, 10000), R.span_from(0, -5, -30, 0))", "12/31/1969 18:30:00 -05:30"),
        ("R.offset_datetime(R.to_offset(R.from_unix(0, 10000), R.span_from(0, 2, 0, 0)), 1)", "01/01/1970 00:00:00"),
        ("R.offset_datetime(R.to_offset(R.from_unix(0, 10000), R.span_from(0, 2, 0, 0)), 0)", "01/01/1970 02:00:00"),
        ("R.offset_of(R.date(2020, 1, 1), R.span_from(0, 1, 0, 0))", "01/01/2020 00:00:00 +01:00"),
        ("R.span_of(1.5, 36000000000)", "01:30:00"), ("R.span_of(12.3456, 10000000)", "00:00:12.3460000"),
        ("R.span_from(1, 27, 65, 70)", "2.04:06:10"), ("R.span_neg(R.span_from(1, 2, 3, 4))", "-1.02:03:04"),
        ("R.span_part(R.span_from(-1, -2, 0, 0), 36000000000, 24)", "-2"),
        ("R.span_part(R.span_from(10, 20, 30, 40), 864000000000)", "10"),
        ("R.time_constant('min_span')", "-10675199.02:48:05.4775808"),
        ("R.time_constant('max_date')", "12/31/9999 23:59:59"),
        ("R.date_to_iso(R.parse_date('2020-01-02T03:04:05.1200Z', 128))", "2020-01-02T03:04:05.12Z"),
        ("R.date_from_unix(0, 'Utc')", "01/01/1970 00:00:00"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, call: str, expected: str) -> None:
    """Ends of months, offsets, spans."""
    assert text(vm, call) == expected


def test_order(vm: LuaRuntime) -> None:
    """Moments are compared, not clocks; kinds do not count."""
    two, one = "R.to_offset(R.from_unix(60, 10000000), R.span_from(0, 2, 0, 0))", "R.from_unix(60, 10000000)"
    assert value(vm, f"R.time_eq({two}, {one})") is True
    assert value(vm, f"R.equals({two}, {one})") is True
    assert value(vm, f"R.hash({two}) == R.hash({one})") is True
    assert value(vm, "R.equals(R.datetime(5LL, 1), R.datetime(5LL, 0))") is True
    assert value(vm, "R.equals(R.datetime(5LL, 1), R.timespan(5LL))") is False
    assert value(vm, "R.compare(R.timespan(5LL), R.timespan(6LL))") == -1
    assert value(vm, "R.span_total(R.span_from(1, 12, 0, 0), 864000000000)") == 1.5


def test_clock(vm: LuaRuntime) -> None:
    """One function tells the time, and tests put theirs in its place."""
    assert int(value(vm, "R.now_ticks()")) > 638_000_000_000_000_000
    vm.execute(b"kept, R.now_ticks = R.now_ticks, function() return 630822816000000001LL end")
    assert text(vm, "R.now(1)") == "01/01/2000 00:00:00"
    assert value(vm, "R.DateTime.format(R.now(2), 'o')") == "2000-01-01T00:00:00.0000001+00:00"
    assert text(vm, "R.to_unix(R.offset_now(), 10000000)") == "946684800"
    assert text(vm, "R.today()") == "01/01/2000 00:00:00"
    assert text(vm, "R.parse_date('13:45')") == "01/01/2000 13:45:00"
    vm.execute(b"R.now_ticks = kept")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("R.date(2021, 2, 29)", "Year, Month, and Day parameters describe an un-representable DateTime."),
        ("R.date(2021, 1, 1, 24, 0, 0)", "Year, Month, and Day parameters describe an un-representable DateTime."),
        ("R.days_in_month(2021, 13)", "Month must be between one and twelve. (Parameter 'month')"),
        ("R.time_add_units(R.date(2021, 1, 1), 1e30, 864000000000)",
         "Value to add was out of range. (Parameter 'value')"),
        ("R.span_of(0/0, 1)", "TimeSpan does not accept floating point Not-a-Number values."),
        ("R.span_of(1e30, 1)", "TimeSpan overflowed because the duration is too long."),
        ("R.span_neg(R.time_constant('min_span'))",
         "Negating the minimum value of a twos complement number is invalid."),
        ("R.from_unix(253402300800, 10000000)",
         "Valid values are between -62135596800 and 253402300799, inclusive. (Parameter 'seconds')"),
        ("R.to_offset(R.offset_now(), R.span_from(0, 15, 0, 0))",
         "Offset must be within plus or minus 14 hours. (Parameter 'offset')"),
        ("R.to_offset(R.offset_now(), R.span_from(0, 0, 0, 1))",
         "Offset must be specified in whole minutes. (Parameter 'offset')"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """What leaves the calendar, or a span's 64 bits."""
    with pytest.raises(Thrown) as thrown:
        value(vm, call)
    assert str(thrown.value) == message
