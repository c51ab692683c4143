"""Strings and characters.

Source: the .NET reference of System.String and System.Char.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.types import BOOL, INT, STRING, STRINGS, Type

TYPES: Final[tuple[Type, ...]] = ()

_S: Final = (STRING,)
_SS: Final = (STRING, STRING)

ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(STRING, "ToString", STRING, "{0}", ()),
    MemberRow(STRING, "Length", INT, "R.length({0})"),
    MemberRow(STRING, "Contains", BOOL, "R.contains({0}, {1})", _S, not_null=(0,)),
    MemberRow(STRING, "StartsWith", BOOL, "R.starts_with({0}, {1})", _S, not_null=(0,)),
    MemberRow(STRING, "EndsWith", BOOL, "R.ends_with({0}, {1})", _S, not_null=(0,)),
    MemberRow(STRING, "Equals", BOOL, "({0} == {1})", _S),
    MemberRow(STRING, "Empty", STRING, '""', static=True),
    MemberRow(STRING, "IsNullOrEmpty", BOOL, 'R.is_blank({1}, "")', _S, static=True),
    MemberRow(STRING, "IsNullOrWhiteSpace", BOOL, 'R.is_blank({1}, "%s*")', _S, static=True),
    MemberRow(STRING, "Equals", BOOL, "({1} == {2})", _SS, static=True),
    MemberRow(STRING, "Join", STRING, "R.join({1}, {2})", (STRING, STRINGS), not_null=(1,), static=True),
    MemberRow(STRING, "Join", STRING, "R.join({1}, {{n = {count}, {rest}}})", _SS, repeats=True, static=True),
    MemberRow(STRING, "Concat", STRING, 'R.join("", {1})', (STRINGS,), not_null=(0,), static=True),
    MemberRow(STRING, "Concat", STRING, 'R.join("", {{n = {count}, {rest}}})', _S, repeats=True, static=True),
)
"""Overloads of one member stand in the order in which messages list them."""
