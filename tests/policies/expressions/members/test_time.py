"""Dates and spans by whole expressions.

Vectors: the .NET reference of System.DateTime, System.DateTimeOffset, System.TimeSpan.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    made = runtime()
    # 2020-01-01 and one tick.
    # Asked for first: what brings it would put its own in this one's place.
    made.execute(b"assert(R.now_ticks) R.now_ticks = function() return 637134336000000001LL end")
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('DateTime.UtcNow.ToString("o")', "2020-01-01T00:00:00.0000001Z"),
        ("DateTime.Now.Kind == DateTimeKind.Local", "True"),
        ('DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-ddTHH:mm:ssZ")', "2020-01-02T00:00:00Z"),
        ('DateTime.UtcNow.ToString("R", CultureInfo.InvariantCulture)', "Wed, 01 Jan 2020 00:00:00 GMT"),
        ("DateTimeOffset.UtcNow.ToUnixTimeSeconds()", "1577836800"),
        ('DateTimeOffset.FromUnixTimeSeconds(1600000000).ToString("R")', "Sun, 13 Sep 2020 12:26:40 GMT"),
        ("(int)(DateTime.UtcNow.Subtract(new DateTime(1970, 1, 1))).TotalSeconds", "1577836800"),
        ("new DateTimeOffset(DateTime.UtcNow).ToUnixTimeMilliseconds()", "1577836800000"),
        ("Math.Floor((DateTime.UtcNow - new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc)).TotalSeconds)",
         "1577836800"),
        ('DateTime.Parse("2020-01-01") < DateTime.UtcNow', "True"),
        ("DateTime.UtcNow > DateTime.UtcNow.AddMinutes(-5)", "True"),
        ("DateTime.UtcNow.Ticks", "637134336000000001"),
        ("DateTime.UtcNow.DayOfWeek", "Wednesday"),
        ("DateTime.UtcNow.DayOfWeek == DayOfWeek.Wednesday", "True"),
        ("(int)DateTime.UtcNow.DayOfWeek", "3"),
        ("DateTime.UtcNow.Date.AddDays(1) - DateTime.UtcNow", "23:59:59.9999999"),
        ("new DateTime(2020, 1, 31).AddMonths(1).ToShortDateString()", "02/29/2020"),
        ('DateTime.ParseExact("20200102", "yyyyMMdd", CultureInfo.InvariantCulture).Day', "2"),
        ('DateTime.TryParse("2020-02-03", out var d) ? d.Month : 0', "2"),
        ('DateTime.Parse("2020-01-01T02:00:00+02:00", null, DateTimeStyles.AdjustToUniversal).ToString("s")',
         "2020-01-01T00:00:00"),
        ('DateTimeOffset.Parse("2020-01-01T00:00:00+02:00").UtcDateTime.ToString("o")', "2019-12-31T22:00:00.0000000Z"),
        ('DateTimeOffset.Parse("2020-01-01T00:00:00+02:00").Offset.Hours', "2"),
        ("DateTime.MinValue == new DateTime() && default(DateTime) == DateTime.MinValue", "True"),
        ('$"{DateTime.UtcNow:yyyy} {TimeSpan.FromSeconds(5):c}"', "2020 00:00:05"),
        ('DateTime.SpecifyKind(new DateTime(2020, 1, 1), DateTimeKind.Utc).ToString("o")',
         "2020-01-01T00:00:00.0000000Z"),
        ("DateTime.IsLeapYear(2020) && DateTime.DaysInMonth(2020, 2) == 29", "True"),
        ('Convert.ToDateTime("2020-01-02").Day', "2"),
        ("Convert.ToString(new DateTime(2020, 1, 2))", "01/02/2020 00:00:00"),
        ("TimeSpan.FromMinutes(5).ToString()", "00:05:00"),
        ("new TimeSpan(1, 2, 3) + TimeSpan.FromHours(1)", "02:02:03"),
        ("-TimeSpan.FromSeconds(1)", "-00:00:01"),
        ("TimeSpan.Zero < TimeSpan.FromSeconds(1)", "True"),
        ('TimeSpan.Parse("01:30").TotalMinutes', "90"),
        ("TimeSpan.FromDays(1.5).Hours", "12"),
        ("(DateTime.UtcNow.AddDays(-1) - DateTime.UtcNow).Duration().Days", "1"),
        ('TimeSpan.FromSeconds(90).ToString(@"mm\\:ss")', "01:30"),
        ('TimeSpan.TryParse("x", out var t) ? "y" : t.ToString()', "00:00:00"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What each expression is worth, as text."""
    assert evaluate(f'"" + ({text})', vm=vm) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('DateTime.Parse("x")', "String 'x' was not recognized as a valid DateTime."),
        ("new DateTime(2021, 2, 29)", "Year, Month, and Day parameters describe an un-representable DateTime."),
        ("DateTime.MaxValue.AddDays(1)",
         "The added or subtracted value results in an un-representable DateTime. (Parameter 'value')"),
        ('DateTime.ParseExact("2020", "yyyyMMdd", null)', "String '2020' was not recognized as a valid DateTime."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws, an expression throws."""
    with pytest.raises(Thrown) as thrown:
        evaluate(f'"" + ({text})', vm=vm)
    assert str(thrown.value) == message
