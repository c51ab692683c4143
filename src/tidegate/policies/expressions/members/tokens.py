"""Tokens and credentials: what Jwt tells beyond its texts, its claims as a dictionary, basic credentials.

Source: the page "API Management policy expressions". Nothing that AsJwt reads has been verified.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import MemberRow
from tidegate.policies.expressions.members.time import DATE_TIME
from tidegate.policies.expressions.types import BOOL, CLAIMS, ENUMERABLE, INT, JWT, STRING, STRING_ARRAY, Type, nullable

BASIC: Final = Type("BasicAuthCredentials")

TYPES: Final[tuple[Type, ...]] = (BASIC,)

_WHEN: Final = nullable(DATE_TIME)

ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(JWT, "ExpirationTime", _WHEN, "R.jwt_time({0}.expires)", nullable=True),
    MemberRow(JWT, "NotBefore", _WHEN, "R.jwt_time({0}.begins)", nullable=True),
    MemberRow(JWT, "IssuedAt", _WHEN, "R.jwt_time({0}.issued)", nullable=True),
    MemberRow(CLAIMS, "Count", INT, "R.claim_names({0}).n"),
    MemberRow(CLAIMS, "Keys", ENUMERABLE.of(STRING), "R.claim_names({0})"),
    MemberRow(CLAIMS, "Values", ENUMERABLE.of(STRING_ARRAY), "R.claim_lists({0})"),
    MemberRow(CLAIMS, "TryGetValue", BOOL, "R.claim_try({0}, {1})", (STRING, STRING_ARRAY), out=(1,), effect=True),
    MemberRow(STRING, "TryParseJwt", BOOL, "R.try_parse_jwt({0})", (JWT,), out=(0,), effect=True, null_receiver=True),
    MemberRow(STRING, "AsBasic", BASIC, "R.as_basic({0})", (), nullable=True, null_receiver=True),
    MemberRow(
        STRING, "TryParseBasic", BOOL, "R.try_parse_basic({0})", (BASIC,), out=(0,), effect=True, null_receiver=True
    ),
    MemberRow(BASIC, "UserId", STRING, "{0}.user"),
    MemberRow(BASIC, "Password", STRING, "{0}.password"),
)
"""Overloads of one member stand in the order in which messages list them."""
