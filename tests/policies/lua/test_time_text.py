"""Texts of dates and spans, and the reading of them.

Vectors: the .NET pages "Standard date and time format strings", "Custom date and time format strings", "Standard
TimeSpan format strings", "Custom TimeSpan format strings", "DateTime.Parse", "DateTime.ParseExact",
"DateTimeOffset.Parse", "TimeSpan.Parse", "DateTimeStyles Enum"; in the invariant culture, where the zone is UTC.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, text, value

JUNE = "R.date(2009, 6, 15, 13, 45, 30"
"""2009-06-15T13:45:30, the pages' example; milliseconds and kind may follow."""


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("d", "06/15/2009"), ("D", "Monday, 15 June 2009"), ("f", "Monday, 15 June 2009 13:45"),
        ("F", "Monday, 15 June 2009 13:45:30"), ("g", "06/15/2009 13:45"), ("G", "06/15/2009 13:45:30"),
        ("M", "June 15"),
        ("m", "June 15"), ("o", "2009-06-15T13:45:30.0900000Z"), ("O", "2009-06-15T13:45:30.0900000Z"),
        ("R", "Mon, 15 Jun 2009 13:45:30 GMT"), ("r", "Mon, 15 Jun 2009 13:45:30 GMT"), ("s", "2009-06-15T13:45:30"),
        ("t", "13:45"), ("T", "13:45:30"), ("u", "2009-06-15 13:45:30Z"), ("U", "Monday, 15 June 2009 13:45:30"),
        ("Y", "2009 June"), ("y", "2009 June"), ("", "06/15/2009 13:45:30"),
        ("d MMM yyyy", "15 Jun 2009"), ("%d", "15"), ("ddd", "Mon"), ("dddd", "Monday"), ("%M", "6"), ("MM", "06"),
        ("MMMM", "June"),
        ("%y", "9"), ("yy", "09"), ("yyy", "2009"), ("yyyyy", "02009"), ("%h", "1"), ("hh", "01"), ("%H", "13"),
        ("HH", "13"),
        ("%m", "45"), ("ss", "30"), ("%t", "P"), ("tt", "PM"), ("%f", "0"), ("ff", "09"), ("fff", "090"),
        ("fffffff", "0900000"),
        ("%F", ""), ("FF", "09"), ("FFF", "09"), ("s.FF", "30.09"), ("s.F", "30"), ("%K", "Z"), ("%z", "+0"),
        ("zz", "+00"), ("zzz", "+00:00"),
        ("gg", "A.D."), ("'a' h \"m\" \\h", "a 1 m h"), ("h 'o''clock'", "1 oclock"),
        ("yyyyMMddHHmmssfff", "20090615134530090"),
        ("yyyy-MM-ddTHH:mm:ssZ", "2009-06-15T13:45:30Z"), ("dd.MM.yyyy", "15.06.2009"),
    ],
)  # fmt: skip
def test_dates(vm: LuaRuntime, pattern: str, expected: str) -> None:
    """Of 2009-06-15T13:45:30.09 in UTC."""
    assert value(vm, f"R.DateTime.format({JUNE}, 90, 1), {quoted(pattern)})") == expected


def test_kinds_and_offsets(vm: LuaRuntime) -> None:
    """K tells the kind, z the offset; R and u turn offsets to UTC."""
    assert value(vm, f"R.DateTime.format({JUNE}, 0, 0), 'o')") == "2009-06-15T13:45:30.0000000"
    assert value(vm, f"R.DateTime.format({JUNE}, 0, 2), 'o')") == "2009-06-15T13:45:30.0000000+00:00"
    west = f"R.offset_of({JUNE}), R.span_from(0, -7, 0, 0))"
    for pattern, expected in (
        ("o", "2009-06-15T13:45:30.0000000-07:00"),
        ("R", "Mon, 15 Jun 2009 20:45:30 GMT"),
        ("u", "2009-06-15 20:45:30Z"),
        ("s", "2009-06-15T13:45:30"),
        ("zzz z K", "-07:00 -7 -07:00"),
        ("", "06/15/2009 13:45:30 -07:00"),
    ):
        assert value(vm, f"R.DateTimeOffset.format({west}, '{pattern}')") == expected


@pytest.mark.parametrize(
    "call",
    [f"R.DateTime.format({JUNE}), 'x')", f"R.DateTime.format({JUNE}), '%')", f"R.DateTime.format({JUNE}), 'ffffffff')",
     f"R.DateTime.format({JUNE}), '\"a')", f"R.DateTime.format({JUNE}), 'a\\\\')",
     "R.DateTimeOffset.format(R.offset_now(), 'U')",
     "R.TimeSpan.format(R.timespan(0LL), 'x')", "R.TimeSpan.format(R.timespan(0LL), 'hh:mm')",
     "R.TimeSpan.format(R.timespan(0LL), 'hhh')"],
)  # fmt: skip
def test_formats_that_are_none(vm: LuaRuntime, call: str) -> None:
    """Unknown letters; in custom formats of spans every other character has to be quoted."""
    with pytest.raises(Thrown, match="Input string was not in a correct format"):
        value(vm, call)


@pytest.mark.parametrize(
    ("span", "pattern", "expected"),
    [
        ("R.timespan(0LL)", "c", "00:00:00"), ("R.span_from(0, 0, 30, 0)", "c", "00:30:00"),
        ("R.span_from(3, 17, 25, 30, 500)", "c", "3.17:25:30.5000000"),
        ("R.span_from(1, 3, 16, 50, 500)", "g", "1:3:16:50.5"),
        ("R.span_from(1, 3, 16, 50, 599)", "g", "1:3:16:50.599"),
        ("R.span_from(0, 18, 30, 0)", "G", "0:18:30:00.0000000"),
        ("R.span_from(-1, 0, 0, 0)", "g", "-1:0:00:00"),
        ("R.span_from(6, 14, 32, 17, 685)", "d\\.hh\\:mm\\:ss", "6.14:32:17"),
        ("R.span_from(6, 14, 32, 17, 685)", "%d", "6"),
        ("R.span_from(6, 14, 32, 17, 685)", "h' hours 'm' minutes'", "14 hours 32 minutes"),
        ("R.span_from(6, 14, 32, 17, 685)", "ss\\.fff", "17.685"), ("R.span_from(6, 14, 32, 17, 685)", "ddd", "006"),
        ("R.span_from(0, -1, -30, 0)", "hh\\:mm", "01:30"), ("R.span_from(0, 0, 0, 1)", "s\\.FFF", "1."),
    ],
)  # fmt: skip
def test_spans(vm: LuaRuntime, span: str, pattern: str, expected: str) -> None:
    """Standard and custom formats; custom ones show no sign."""
    assert value(vm, f"R.TimeSpan.format({span}, {quoted(pattern)})") == expected


@pytest.mark.parametrize(
    ("given", "styles", "expected"),
    [
        ("2009-06-15T13:45:30Z", 0, "2009-06-15T13:45:30.0000000+00:00"),
        ("2009-06-15T13:45:30Z", 16, "2009-06-15T13:45:30.0000000Z"),
        ("2009-06-15T13:45:30Z", 128, "2009-06-15T13:45:30.0000000Z"),
        ("2009-06-15T13:45:30.1234567+02:00", 16, "2009-06-15T11:45:30.1234567Z"),
        ("2009-06-15T13:45:30", 64 + 16, "2009-06-15T13:45:30.0000000Z"),
        ("2009-06-15 13:45", 0, "2009-06-15T13:45:00.0000000"), ("2009-06-15", 0, "2009-06-15T00:00:00.0000000"),
        ("06/15/2009", 0, "2009-06-15T00:00:00.0000000"), ("6/15/2009 1:45:30 PM", 0, "2009-06-15T13:45:30.0000000"),
        ("6/15/09", 0, "2009-06-15T00:00:00.0000000"), ("2009/06/15", 0, "2009-06-15T00:00:00.0000000"),
        ("Mon, 15 Jun 2009 20:45:30 GMT", 16, "2009-06-15T20:45:30.0000000Z"),
        ("15 June 2009", 0, "2009-06-15T00:00:00.0000000"),
        ("June 15, 2009", 0, "2009-06-15T00:00:00.0000000"),
        ("Monday, June 15, 2009 1:45 PM", 0, "2009-06-15T13:45:00.0000000"),
        ("15-Jun-2009", 0, "2009-06-15T00:00:00.0000000"), ("Jun 2009", 0, "2009-06-01T00:00:00.0000000"),
        ("08/18/2018 07:22:16 -5:00", 16, "2018-08-18T12:22:16.0000000Z"),
        ("12:00 AM 6/15/2009", 0, "2009-06-15T00:00:00.0000000"),
        ("2009-06-15T24:00:00", 0, "2009-06-16T00:00:00.0000000"),
    ],
)  # fmt: skip
def test_parsed_dates(vm: LuaRuntime, given: str, styles: int, expected: str) -> None:
    """The common shapes; a zone makes it local time unless the styles say otherwise."""
    assert value(vm, f"R.DateTime.format(R.parse_date({quoted(given)}, {styles}), 'o')") == expected


@pytest.mark.parametrize(
    ("given", "pattern", "expected"),
    [
        ("06/15/2008", "d", "2008-06-15T00:00:00.0000000"), ("20080615", "yyyyMMdd", "2008-06-15T00:00:00.0000000"),
        ("20080615134530123", "yyyyMMddHHmmssfff", "2008-06-15T13:45:30.1230000"),
        ("Sun 15 Jun 2008 8:30 AM -06:00", "ddd dd MMM yyyy h:mm tt zzz", "2008-06-15T14:30:00.0000000+00:00"),
        ("2008-06-15T13:45:30Z", "yyyy-MM-ddTHH:mm:ssK", "2008-06-15T13:45:30.0000000+00:00"),
        ("2008-06-15T13:45:30", "yyyy-MM-ddTHH:mm:ssK", "2008-06-15T13:45:30.0000000"),
        ("15/06/2008 8:30", "dd/MM/yyyy H:mm", "2008-06-15T08:30:00.0000000"), ("12:30 am", "h:mm tt", None),
        ("Sun, 15 Jun 2008 21:15:07 GMT", "r", "2008-06-15T21:15:07.0000000"),
        ("15/6/2008", "dd/MM/yyyy", "throws"), ("2008-06-15 ", "yyyy-MM-dd", "throws"),
        ("2008-13-15", "yyyy-MM-dd", "throws"),
        ("Mon 15 Jun 2008", "ddd dd MMM yyyy", "throws"), ("2008-06-15", "q", "throws"),
    ],
)  # fmt: skip
def test_exact_dates(vm: LuaRuntime, given: str, pattern: str, expected: str | None) -> None:
    """Each letter reads what it writes; the week's day has to be the date's."""
    call = f"R.parse_date_exact({quoted(given)}, {quoted(pattern)})"
    if expected == "throws":
        with pytest.raises(Thrown, match="was not recognized as a valid DateTime"):
            value(vm, call)
        assert value(vm, f"(R.try_{call.removeprefix('R.')})") is False
    elif expected is None:
        assert value(vm, f"R.hour({call})") == 0
    else:
        assert value(vm, f"R.DateTime.format({call}, 'o')") == expected


@pytest.mark.parametrize(
    "given",
    ["", " ", "abc", "06/31/2009", "2009-13-01", "Tue, 15 Jun 2009 20:45:30 GMT", "25:00", "2009-06-15T13:45:30+99:00",
     "1", "1/2/3/4", "x" * 300, "2009-06-15T13:45:30ZZ", "June June 2009", "13:45 PM"],
)  # fmt: skip
def test_no_dates(vm: LuaRuntime, given: str) -> None:
    """What is no date throws, and TryParse says no."""
    for name in ("date", "offset"):
        with pytest.raises(Thrown, match="was not recognized as a valid DateTime"):
            value(vm, f"R.parse_{name}({quoted(given)})")
        assert value(vm, f"(R.try_parse_{name}({quoted(given)}))") is False


def test_offsets(vm: LuaRuntime) -> None:
    """DateTimeOffset keeps the zone; without one it is UTC, the machine's."""
    for given, expected in (
        ("5/1/2008 8:30 AM -07:00", "05/01/2008 08:30:00 -07:00"),
        ("2008-05-01T08:30:00", "05/01/2008 08:30:00 +00:00"),
        ("05/01/2008 +1:00", "05/01/2008 00:00:00 +01:00"),
        ("Thu May 01, 2008", "05/01/2008 00:00:00 +00:00"),
    ):
        assert text(vm, f"R.parse_offset({quoted(given)})") == expected
    assert text(vm, "R.parse_offset_exact('2008-05-01 +02:00', 'yyyy-MM-dd zzz')") == "05/01/2008 00:00:00 +02:00"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("0", "00:00:00"), ("14", "14.00:00:00"), ("1:2:3", "01:02:03"), ("0:0:0.250", "00:00:00.2500000"),
        ("10.20:30:40.50", "10.20:30:40.5000000"), ("99.23:59:59.9999999", "99.23:59:59.9999999"),
        ("0023:0059:0059.0099", "23:59:59.0099000"), ("23:0:0", "23:00:00"), ("10:0", "10:00:00"),
        ("10:20:0", "10:20:00"),
        ("6:12:14:45", "6.12:14:45"), ("-6:12:14", "-06:12:14"), ("  12:24:02  ", "12:24:02"), ("24:0:0", None),
        ("0:60:0", None),
        ("0:0:60", None), ("10675200", None), ("10:", "x"), ("Sun", "x"), ("", "x"), ("1.2.3", "x"),
    ],
)  # fmt: skip
def test_parsed_spans(vm: LuaRuntime, given: str, expected: str | None) -> None:
    """Days, hours, minutes, seconds: which is which goes by how many there are."""
    call = f"R.parse_span({quoted(given)})"
    if expected is None or expected == "x":
        message = (
            "out of range or contains too many digits" if expected is None else "not recognized as a valid TimeSpan"
        )
        with pytest.raises(Thrown, match=message):
            value(vm, call)
        assert value(vm, f"(R.try_parse_span({quoted(given)}))") is False
    else:
        assert text(vm, call) == expected
