"""Arrays, lists, dictionaries, and LINQ over them.

Source: the .NET reference of System.Array, System.Collections.Generic and System.Linq.Enumerable.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.types import BOOL, INT, STRING, STRING_ARRAY, STRINGS, Type

TYPES: Final[tuple[Type, ...]] = ()

_S: Final = (STRING,)

ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(STRINGS, "FirstOrDefault", STRING, "{0}[1]", (), nullable=True),
    MemberRow(STRINGS, "First", STRING, "R.first({0})", (), nullable=True),
    MemberRow(STRINGS, "Contains", BOOL, "R.has({0}, {1})", _S),
    MemberRow(STRINGS, "Any", BOOL, "({0}.n > 0)", ()),
    MemberRow(STRINGS, "Count", INT, "{0}.n", ()),
    MemberRow(STRING_ARRAY, "Length", INT, "{0}.n"),
    MemberRow(STRING_ARRAY, INDEXER, STRING, "R.element({0}, {1})", (INT,), nullable=True),
)
"""Overloads of one member stand in the order in which messages list them."""
