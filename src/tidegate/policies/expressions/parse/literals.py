"""Literals: what their characters and digits mean (C# sections 6.4.5 and 12.8.3)."""

from __future__ import annotations

import re
from typing import Final

from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.tokens import HoleTokens, Token
from tidegate.policies.expressions.strings import (
    LoneSurrogate,
    character,
    unescape,
    unescape_interpolated,
    unescape_verbatim,
)
from tidegate.policies.expressions.syntax import Expression, Literal

_NUMBER: Final = re.compile(
    r"0[xX](?P<hex>[0-9a-fA-F_]+?)(?P<a>[uUlL]*)|0[bB](?P<bits>[01_]+)(?P<b>[uUlL]*)"
    r"|(?P<digits>[\d_.]+(?:[eE][+-]?[\d_]+)?)(?P<c>[uUlL]*|[fFdDmM])"
)
_MAX_DIGITS: Final = 400
_INTEGERS: Final = (("int", 31), ("uint", 32), ("long", 63), ("ulong", 64))
_REALS: Final = {"f": "float", "d": "double", "m": "decimal"}


def literal_string(cursor: Cursor, token: Token) -> Literal:
    """A regular or verbatim string."""
    try:
        meaning = unescape_verbatim(token.text[2:-1]) if token.text[0] == "@" else unescape(token.text[1:-1])
    except LoneSurrogate:
        raise cursor.unsupported("half of a surrogate pair in a string", token) from None
    except ValueError as error:
        raise cursor.wrong(str(error), token) from None
    return Literal(meaning, "string", cursor.span(token, token))


def literal_character(cursor: Cursor, token: Token) -> Literal:
    """One UTF-16 unit."""
    try:
        return Literal(character(token.text[1:-1]), "char", cursor.span(token, token))
    except ValueError as error:
        raise cursor.wrong(str(error), token) from None


def text_part(cursor: Cursor, token: Token, start: int, end: int) -> str:
    """What stands between the holes of an interpolated string."""
    try:
        return unescape_interpolated(cursor.code.text[start:end], verbatim="@" in token.text[:2])
    except LoneSurrogate:
        raise cursor.unsupported("half of a surrogate pair in a string", token) from None
    except ValueError as error:
        raise cursor.wrong(str(error), token) from None


def hole_format(cursor: Cursor, hole: HoleTokens, token: Token) -> str:
    """The text behind the colon of a hole."""
    try:
        return hole.format if "@" in token.text[:2] else unescape(hole.format)
    except ValueError as error:
        raise cursor.wrong(str(error), token) from None


def literal_number(cursor: Cursor, token: Token, *, is_negative: bool = False) -> Expression:
    """A number. `is_negative` reads the one literal of each size that exists only behind a minus."""
    match = _NUMBER.fullmatch(token.text)
    written = match and (match["hex"] or match["bits"] or match["digits"])
    if match is None or not written or written.endswith("_") or len(written) > _MAX_DIGITS:
        raise cursor.wrong(f"`{token.text[:40]}` is not a number", token)
    text, suffix = written.replace("_", ""), (match["a"] or match["b"] or match["c"] or "").lower()
    base = 16 if match["hex"] else 2 if match["bits"] else 10
    try:
        if base == 10 and (not text.isdigit() or suffix in _REALS):
            return _real(cursor, token, text, _REALS[suffix or "d"])
        value = int(text, base)
    except (KeyError, ValueError):
        raise cursor.wrong(f"`{token.text[:40]}` is not a number", token) from None
    kind = _integer_kind(value, suffix, is_negative=is_negative and base == 10)
    if kind is None or suffix not in ("", "u", "l", "ul", "lu"):
        raise cursor.wrong(f"`{token.text[:40]}` has more than 64 bits", token)
    return Literal(value, kind, cursor.span(token, token))


def _integer_kind(value: int, suffix: str, *, is_negative: bool) -> str | None:
    """The first type of C#'s list that holds the value."""
    for kind, bits in _INTEGERS:
        if ("u" in suffix and kind[0] != "u") or ("l" in suffix and kind in ("int", "uint")):
            continue
        limit = 1 << bits
        if value < limit or (is_negative and value == limit and kind in ("int", "long") and "u" not in suffix):
            return kind
    return None


def _real(cursor: Cursor, token: Token, text: str, kind: str) -> Literal:
    span = cursor.span(token, token)
    if kind == "decimal":
        digits, _, exponent = text.lower().partition("e")
        whole, _, fraction = digits.partition(".")
        scale = len(fraction) - int(exponent or "0")
        if scale > 28 or len((whole + fraction).lstrip("0")) - min(scale, 0) > 29 or int(whole + fraction) >> 96:
            raise cursor.unsupported(f"the number `{token.text[:40]}`", token, help="a decimal has 28 digits")
        return Literal(text.lower(), kind, span)
    value = float(text)
    if value == float("inf") or (kind == "float" and value > 3.4028235677973366e38):
        raise cursor.wrong(f"`{token.text[:40]}` is outside of {kind}", token)
    return Literal(value, kind, span)
