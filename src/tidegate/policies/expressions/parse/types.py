"""Types as they are written. Whether a type stands somewhere is often a guess: nothing is refused here."""

from __future__ import annotations

from typing import TypeAlias

from tidegate.policies.expressions.keywords import KEYWORDS, TYPE_WORDS
from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.tokens import Kind
from tidegate.policies.expressions.syntax import TypeName

Guess: TypeAlias = "tuple[TypeName, int] | None"
"""A type, and where the tokens behind it begin."""
_MAX_NESTED = 8


def type_at(cursor: Cursor, at: int, *, nullable: bool = True, nested: int = 0) -> Guess:
    """The type that may stand at a place. `nullable` says whether a `?` behind it can belong to it."""
    guess = _named(cursor, at, nested)
    if guess is None:
        return None
    type_, at = guess
    tokens = cursor.tokens
    while True:
        sign = tokens[at].text if tokens[at].kind is Kind.SIGN else ""
        if sign == "?" and nullable and type_.name != "?":
            type_ = TypeName("?", cursor.code.span(tokens[at].start, tokens[at].end), (type_,))
            at += 1
        elif sign == "[" and tokens[at + 1].text == "]":
            type_ = TypeName("[]", type_.span.to(cursor.code.span(tokens[at].start, tokens[at + 1].end)), (type_,))
            at += 2
        else:
            return type_, at


def arguments_at(cursor: Cursor, at: int, nested: int = 0) -> tuple[tuple[TypeName, ...], int] | None:
    """`<A, B>` at a place."""
    tokens = cursor.tokens
    if tokens[at].text != "<" or nested == _MAX_NESTED:
        return None
    listed: list[TypeName] = []
    while True:
        guess = type_at(cursor, at + 1, nested=nested + 1)
        if guess is None:
            return None
        type_, at = guess
        listed.append(type_)
        if tokens[at].text == ">" and tokens[at].kind is Kind.SIGN:
            return tuple(listed), at + 1
        if tokens[at].text != ",":
            return None


def _named(cursor: Cursor, at: int, nested: int) -> Guess:
    tokens = cursor.tokens
    first = tokens[at]
    if first.kind is not Kind.NAME or (first.text in KEYWORDS and first.text not in TYPE_WORDS):
        return None
    name, last = first.text.removeprefix("@"), first
    at += 1
    arguments: tuple[TypeName, ...] = ()
    if first.text not in TYPE_WORDS:
        while (
            tokens[at].text == "."
            and tokens[at + 1].kind is Kind.NAME
            and tokens[at + 1].text not in KEYWORDS
            and not arguments
        ):
            last = tokens[at + 1]
            name += f".{last.text}"
            at += 2
        given = arguments_at(cursor, at, nested)
        if given is not None:
            arguments, at = given
            last = tokens[at - 1]
    return TypeName(name, cursor.code.span(first.start, last.end), arguments), at


def expect_type(cursor: Cursor, *, nullable: bool = True) -> TypeName:
    """Take the type that must stand here."""
    guess = type_at(cursor, cursor.at, nullable=nullable)
    if guess is None:
        raise cursor.unexpected("a type is missing")
    type_, cursor.at = guess
    return type_


def expect_type_behind_is(cursor: Cursor) -> TypeName:
    """The type behind `is` and `as`, where a `?` may begin a conditional: it is of the type if no value follows it."""
    type_ = expect_type(cursor, nullable=False)
    if cursor.is_sign("?") and not _begins_value(cursor):
        mark = cursor.take()
        type_ = TypeName("?", cursor.code.span(mark.start, mark.end), (type_,))
        while cursor.is_sign("[") and cursor.ahead(1).text == "]":
            cursor.at += 2
            type_ = TypeName("[]", type_.span, (type_,))
    return type_


def _begins_value(cursor: Cursor) -> bool:
    following = cursor.ahead(1)
    if following.kind is Kind.SIGN:
        return following.text in ("(", "!", "-", "+", "~", "++", "--")
    if following.kind is Kind.NAME:
        return following.text not in ("is", "as")
    return following.kind is not Kind.END
