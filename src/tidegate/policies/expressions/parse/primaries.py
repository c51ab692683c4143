"""Primary expressions (C# section 12.8): names, literals, calls, members, `new`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from tidegate.policies.expressions.keywords import KEYWORDS, TYPE_WORDS
from tidegate.policies.expressions.parse.creations import new
from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.limits import MAX_ARGUMENTS
from tidegate.policies.expressions.parse.literals import (
    hole_format,
    literal_character,
    literal_number,
    literal_string,
    text_part,
)
from tidegate.policies.expressions.parse.tokens import HoleTokens, Kind, Token
from tidegate.policies.expressions.parse.types import arguments_at, expect_type, type_at
from tidegate.policies.expressions.syntax import (
    Argument,
    Call,
    Checked,
    ConditionalAccess,
    Default,
    Expression,
    Hole,
    Index,
    Interpolation,
    Literal,
    Member,
    Name,
    Out,
    Receiver,
    Step,
    TypeName,
    TypeOf,
)

Read: TypeAlias = Callable[[Cursor], Expression]
"""Reads a whole expression; primaries stand below operators and above them."""

_CONSTANTS: Final = {"true": (True, "bool"), "false": (False, "bool"), "null": (None, "null")}
_BEHIND_TYPE_ARGUMENTS: Final = frozenset(
    ["(", ")", "]", "}", ":", ";", ",", ".", "?", "==", "!=", "|", "^", "&&", "||", "&", "[", "?."]
)
_REFUSED: Final = {
    "this": "`this`",
    "base": "`base`",
    "sizeof": "`sizeof`",
    "stackalloc": "`stackalloc`",
    "ref": "`ref`",
    "delegate": "an anonymous method",
}


def primary(cursor: Cursor, read: Read) -> Expression:
    """What operators stand between, with all its postfixes."""
    return _postfixes(cursor, _start(cursor, read), read)


def _start(cursor: Cursor, read: Read) -> Expression:
    token = cursor.token
    match token.kind:
        case Kind.NAME:
            return _word(cursor, token, read)
        case Kind.NUMBER:
            cursor.take()
            return literal_number(cursor, token)
        case Kind.STRING:
            cursor.take()
            return literal_string(cursor, token)
        case Kind.CHARACTER:
            cursor.take()
            return literal_character(cursor, token)
        case Kind.INTERPOLATED:
            cursor.take()
            return _interpolated(cursor, token, read)
        case _:
            if token.text != "(":
                raise cursor.unexpected("a value is missing")
            return _bracket(cursor, read)


def _bracket(cursor: Cursor, read: Read) -> Expression:
    opening = cursor.take()
    tree = read(cursor)
    if cursor.is_sign(","):
        raise cursor.unsupported("a tuple", opening, help="use `new { a, b }` or a class of its own")
    cursor.expect(")")
    return tree


def _word(cursor: Cursor, token: Token, read: Read) -> Expression:
    word = token.text
    if word in _CONSTANTS:
        cursor.take()
        value, kind = _CONSTANTS[word]
        return Literal(value, kind, cursor.span(token, token))
    if word == "new":
        return new(cursor, read, arguments)
    if word in ("typeof", "default", "checked", "unchecked"):
        return _function_word(cursor, token, read)
    if word in TYPE_WORDS and word != "void":
        cursor.take()
        return Name(word, cursor.span(token, token))
    if word in _REFUSED:
        raise cursor.unsupported(_REFUSED[word], token)
    if word in KEYWORDS:
        raise cursor.unexpected("a value is missing")
    cursor.take()
    given = _type_arguments(cursor)
    return Name(word.removeprefix("@"), cursor.span(token), given)


def _type_arguments(cursor: Cursor) -> tuple[TypeName, ...]:
    """`<A, B>` where it is no comparison (C# section 6.2.5)."""
    if not cursor.is_sign("<"):
        return ()
    guess = arguments_at(cursor, cursor.at)
    if guess is None:
        return ()
    given, at = guess
    following = cursor.tokens[at]
    if following.kind is not Kind.END and following.text not in _BEHIND_TYPE_ARGUMENTS:
        return ()
    cursor.at = at
    return given


def _function_word(cursor: Cursor, token: Token, read: Read) -> Expression:
    cursor.take()
    if token.text == "default" and not cursor.is_sign("("):
        return Default(None, cursor.span(token))
    cursor.expect("(")
    if token.text in ("typeof", "default"):
        type_ = expect_type(cursor)
        cursor.expect(")")
        return (TypeOf if token.text == "typeof" else Default)(type_, cursor.span(token))
    tree = read(cursor)
    cursor.expect(")")
    return Checked(tree, token.text == "checked", cursor.span(token))


def _postfixes(cursor: Cursor, tree: Expression, read: Read) -> Expression:
    """Members, calls, indexes and steps behind a value, in one chain."""
    entered = 0
    while cursor.token.kind is Kind.SIGN:
        sign = cursor.token.text
        if sign in ("(", "[", "?.") or (sign == "?" and cursor.ahead(1).text == "["):
            cursor.enter()
            entered += 1
        if sign == ".":
            cursor.take()
            tree = _member(cursor, tree)
        elif sign == "(":
            given = arguments(cursor, read, "(", ")")
            tree = Call(tree, given, tree.span.to(cursor.span(cursor.tokens[cursor.at - 1])))
        elif sign == "[":
            tree = _index(cursor, tree, read)
        elif sign in ("++", "--"):
            token = cursor.take()
            tree = Step(sign, tree, is_prefix=False, span=tree.span.to(cursor.span(token, token)))
        elif sign == "?." or (sign == "?" and cursor.ahead(1).text == "["):
            cursor.take()
            receiver = Receiver(tree.span)
            bound = _member(cursor, receiver) if sign == "?." else _index(cursor, receiver, read)
            chain = _postfixes(cursor, bound, read)
            tree = ConditionalAccess(tree, chain, tree.span.to(chain.span))
        elif sign == "!" and cursor.ahead(1).text in (".", ")", ";", "["):
            raise cursor.unsupported("`!` behind a value", cursor.token, help="expressions are C# 7: leave it out")
        else:
            break
    cursor.depth -= entered
    return tree


def _member(cursor: Cursor, target: Expression) -> Expression:
    name = cursor.name()
    given = _type_arguments(cursor)
    return Member(
        target,
        name.text.removeprefix("@"),
        cursor.span(name, name),
        target.span.to(cursor.span(name)),
        given,
    )


def _index(cursor: Cursor, target: Expression, read: Read) -> Expression:
    opening = cursor.token
    given = arguments(cursor, read, "[", "]")
    if not given:
        raise cursor.wrong("an index is missing", opening)
    return Index(target, given, target.span.to(cursor.span(opening)))


def arguments(cursor: Cursor, read: Read, opening: str, closing: str) -> tuple[Argument, ...]:
    """The arguments between two brackets."""
    cursor.expect(opening)
    listed: list[Argument] = []
    while not cursor.is_sign(closing):
        if listed:
            cursor.expect(",")
        listed.append(_argument(cursor, read))
        if len(listed) > MAX_ARGUMENTS:
            raise cursor.unsupported(f"more than {MAX_ARGUMENTS} arguments", cursor.token, help="pass an array")
    cursor.take()
    return tuple(listed)


def _argument(cursor: Cursor, read: Read) -> Argument:
    name = ""
    if cursor.is_name() and cursor.ahead(1).text == ":":
        name = cursor.take().text.removeprefix("@")
        cursor.take()
    token = cursor.token
    if token.text == "out" and token.kind is Kind.NAME:
        return Argument(_out(cursor), name)
    if token.text in ("ref", "in") and token.kind is Kind.NAME:
        raise cursor.unsupported(f"`{token.text}`", token)
    return Argument(read(cursor), name)


def _out(cursor: Cursor) -> Out:
    first = cursor.take()
    if cursor.is_name() and cursor.ahead(1).text in (",", ")"):
        name = cursor.take()
        return Out(name.text.removeprefix("@"), None, cursor.span(first))
    guess = type_at(cursor, cursor.at)
    if guess is None:
        raise cursor.unexpected("a variable is missing")
    type_, cursor.at = guess
    return Out(cursor.name().text.removeprefix("@"), type_, cursor.span(first))


def _interpolated(cursor: Cursor, token: Token, read: Read) -> Expression:
    parts: list[str | Hole] = []
    for part in token.parts:
        if isinstance(part, HoleTokens):
            parts.append(_hole(cursor, token, part, read))
        else:
            parts.append(text_part(cursor, token, *part))
    return Interpolation(tuple(parts), cursor.span(token, token))


def _hole(cursor: Cursor, token: Token, part: HoleTokens, read: Read) -> Hole:
    inside = Cursor(cursor.code, cursor.found, part.tokens, cursor.read_block, depth=cursor.depth)
    inside.enter()
    value = read(inside)
    alignment = read(inside) if inside.skip(",") else None
    if inside.token.kind is not Kind.END:
        raise inside.unexpected("a hole holds one value")
    return Hole(value, alignment, hole_format(cursor, part, token))
