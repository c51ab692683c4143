"""Regular expressions.

Source: the .NET reference of System.Text.RegularExpressions. `Match.Empty`'s like is a match without success.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, INDEXER, MemberRow
from tidegate.policies.expressions.members.time import TIME_SPAN
from tidegate.policies.expressions.patterns import pattern_problem
from tidegate.policies.expressions.types import BOOL, ENUMERABLE, INT, STRING, STRING_ARRAY, Type, func

_SPACE: Final = "System.Text.RegularExpressions"

REGEX: Final = Type("Regex", namespace=_SPACE)
OPTIONS: Final = Type("RegexOptions", is_reference=False, namespace=_SPACE)
CAPTURE: Final = Type("Capture", namespace=_SPACE)
GROUP: Final = Type("Group", bases=(CAPTURE,), namespace=_SPACE)
MATCH: Final = Type("Match", bases=(GROUP,), namespace=_SPACE)
MATCHES: Final = Type("MatchCollection", bases=(ENUMERABLE.of(MATCH),), namespace=_SPACE)
GROUPS: Final = Type("GroupCollection", bases=(ENUMERABLE.of(GROUP),), namespace=_SPACE)
CAPTURES: Final = Type("CaptureCollection", bases=(ENUMERABLE.of(CAPTURE),), namespace=_SPACE)
_EVALUATOR: Final = func(MATCH, STRING)

TYPES: Final[tuple[Type, ...]] = (REGEX, OPTIONS, CAPTURE, GROUP, MATCH, MATCHES, GROUPS, CAPTURES)

_OPTION_VALUES: Final = {
    "None": 0,
    "IgnoreCase": 1,
    "Multiline": 2,
    "ExplicitCapture": 4,
    "Compiled": 8,
    "Singleline": 16,
    "IgnorePatternWhitespace": 32,
    "CultureInvariant": 512,
}


def _checked(at: int, options_at: int | None = None) -> Callable[[Sequence[object]], tuple[int, str] | None]:
    """The pattern is the argument at this place; options that are not known yet could change how it reads."""

    def refuses(arguments: Sequence[object]) -> tuple[int, str] | None:
        pattern = arguments[at]
        options = 0 if options_at is None else arguments[options_at]
        if not isinstance(pattern, str) or not isinstance(options, int):
            return None
        problem = pattern_problem(pattern, options)
        return (at, problem) if problem is not None else None

    return refuses


def _row(owner: Type, name: str, result: Type, lua: str, *parameters: Type, static: bool = False) -> MemberRow:
    """A method; strings are checked for null by the function itself, with .NET's exception."""
    return MemberRow(owner, name, result, lua, parameters, static=static)


def _both(name: str, result: Type, function: str, *more: Type) -> tuple[MemberRow, ...]:
    """A method of a Regex, and its static overloads with a pattern: `more` stands behind the input."""
    rest = "".join(f", {{{index + 2}}}" for index in range(len(more)))
    static = "".join(f", {{{index + 3}}}" for index in range(len(more)))
    options, timeout = f"{{{len(more) + 3}}}", f"{{{len(more) + 4}}}"
    return (
        _row(REGEX, name, result, f"{function}({{0}}, {{1}}{rest})", STRING, *more),
        MemberRow(
            REGEX,
            name,
            result,
            f"{function}(R.regex({{2}}), {{1}}{static})",
            (STRING, STRING, *more),
            static=True,
            refuses=_checked(1),
        ),
        MemberRow(
            REGEX,
            name,
            result,
            f"{function}(R.regex({{2}}, {options}), {{1}}{static})",
            (STRING, STRING, *more, OPTIONS),
            static=True,
            refuses=_checked(1, len(more) + 2),
        ),
        MemberRow(
            REGEX,
            name,
            result,
            f"{function}(R.regex({{2}}, {options}, {timeout}), {{1}}{static})",
            (STRING, STRING, *more, OPTIONS, TIME_SPAN),
            static=True,
            refuses=_checked(1, len(more) + 2),
        ),
    )


ROWS: Final[tuple[MemberRow, ...]] = (
    *(MemberRow(OPTIONS, name, OPTIONS, str(value), static=True) for name, value in _OPTION_VALUES.items()),
    MemberRow(OPTIONS, "|", OPTIONS, "R.bit.bor({1}, {2})", (OPTIONS, OPTIONS), static=True),
    MemberRow(OPTIONS, "&", OPTIONS, "R.bit.band({1}, {2})", (OPTIONS, OPTIONS), static=True),
    # -- Regex
    MemberRow(REGEX, CONSTRUCTOR, REGEX, "R.regex({1})", (STRING,), static=True, refuses=_checked(0)),
    MemberRow(REGEX, CONSTRUCTOR, REGEX, "R.regex({1}, {2})", (STRING, OPTIONS), static=True, refuses=_checked(0, 1)),
    MemberRow(
        REGEX,
        CONSTRUCTOR,
        REGEX,
        "R.regex({1}, {2}, {3})",
        (STRING, OPTIONS, TIME_SPAN),
        static=True,
        refuses=_checked(0, 1),
    ),
    *_both("IsMatch", BOOL, "R.regex_is_match"),
    *_both("Match", MATCH, "R.regex_match"),
    *_both("Matches", MATCHES, "R.regex_matches"),
    *_both("Replace", STRING, "R.regex_replace", STRING),
    *_both("Replace", STRING, "R.regex_replace_by", _EVALUATOR),
    *_both("Split", STRING_ARRAY, "R.regex_split"),
    _row(REGEX, "IsMatch", BOOL, "R.regex_is_match({0}, {1}, {2})", STRING, INT),
    _row(REGEX, "Match", MATCH, "R.regex_match({0}, {1}, {2})", STRING, INT),
    _row(REGEX, "Matches", MATCHES, "R.regex_matches({0}, {1}, {2})", STRING, INT),
    _row(REGEX, "Replace", STRING, "R.regex_replace({0}, {1}, {2}, {3})", STRING, STRING, INT),
    _row(REGEX, "Replace", STRING, "R.regex_replace_by({0}, {1}, {2}, {3})", STRING, _EVALUATOR, INT),
    _row(REGEX, "Split", STRING_ARRAY, "R.regex_split({0}, {1}, {2})", STRING, INT),
    _row(REGEX, "Escape", STRING, "R.regex_escape({1})", STRING, static=True),
    _row(REGEX, "Unescape", STRING, "R.regex_unescape({1})", STRING, static=True),
    _row(REGEX, "ToString", STRING, "{0}.pattern"),
    _row(REGEX, "GetGroupNames", STRING_ARRAY, "R.regex_group_names({0})"),
    MemberRow(REGEX, "Options", OPTIONS, "{0}.options"),
    # -- what is found
    MemberRow(CAPTURE, "Value", STRING, "R.capture_value({0})"),
    MemberRow(CAPTURE, "Index", INT, "{0}.index"),
    MemberRow(CAPTURE, "Length", INT, "{0}.length"),
    _row(CAPTURE, "ToString", STRING, "R.capture_value({0})"),
    MemberRow(GROUP, "Success", BOOL, "{0}.success"),
    MemberRow(GROUP, "Name", STRING, "R.group_name({0})"),
    MemberRow(GROUP, "Captures", CAPTURES, "R.group_captures({0})"),
    MemberRow(MATCH, "Groups", GROUPS, "R.match_groups({0})"),
    MemberRow(MATCH, "Empty", MATCH, "R.regex_empty()", static=True),
    _row(MATCH, "NextMatch", MATCH, "R.regex_next({0})"),
    _row(MATCH, "Result", STRING, "R.match_result({0}, {1})", STRING),
    MemberRow(GROUPS, "Count", INT, "R.group_count({0})"),
    MemberRow(GROUPS, INDEXER, GROUP, "R.group_by_name({0}, {1})", (STRING,)),
    MemberRow(GROUPS, INDEXER, GROUP, "R.group_by_number({0}, {1})", (INT,)),
    MemberRow(GROUPS, "ContainsKey", BOOL, "R.group_has_name({0}, {1})", (STRING,)),
    MemberRow(MATCHES, "Count", INT, "{0}.n"),
    MemberRow(MATCHES, INDEXER, MATCH, "R.element({0}, {1})", (INT,)),
    MemberRow(CAPTURES, "Count", INT, "{0}.n"),
    MemberRow(CAPTURES, INDEXER, CAPTURE, "R.element({0}, {1})", (INT,)),
)
