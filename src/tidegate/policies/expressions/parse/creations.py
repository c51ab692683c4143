"""`new`: objects with their initializers, arrays, anonymous objects (C# sections 12.8.16 and 12.8.17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.tokens import Kind, Token
from tidegate.policies.expressions.parse.types import type_at
from tidegate.policies.expressions.syntax import (
    Anonymous,
    Argument,
    ArrayCreation,
    ArrayItems,
    Expression,
    Initializer,
    Member,
    Name,
    New,
    Setter,
    TypeName,
)

Read: TypeAlias = Callable[[Cursor], Expression]
ReadArguments: TypeAlias = Callable[[Cursor, Read, str, str], tuple[Argument, ...]]


def new(cursor: Cursor, read: Read, read_arguments: ReadArguments) -> Expression:
    """What begins with `new`."""
    first = cursor.take()
    if cursor.is_sign("{"):
        return _anonymous(cursor, first, read)
    if cursor.is_sign("["):
        cursor.take()
        cursor.expect("]")
        items = _items(cursor, read)
        return ArrayCreation(None, None, items, cursor.span(first))
    if cursor.is_sign("("):
        raise cursor.unsupported("`new` without a type", first, help="expressions are C# 7: name the type")
    guess = type_at(cursor, cursor.at, nullable=True)
    if guess is None:
        raise cursor.unexpected("a type is missing")
    type_, cursor.at = guess
    if cursor.is_sign("["):
        return _sized(cursor, first, type_, read)
    if type_.name == "[]":
        items = _items(cursor, read)
        return ArrayCreation(type_.arguments[0], None, items, cursor.span(first))
    given: tuple[Argument, ...] = ()
    if cursor.is_sign("("):
        given = read_arguments(cursor, read, "(", ")")
    elif not cursor.is_sign("{"):
        raise cursor.unexpected("`(` is missing")
    initializer = _initializer(cursor, read) if cursor.is_sign("{") else None
    return New(type_, given, initializer, cursor.span(first))


def _sized(cursor: Cursor, first: Token, element: TypeName, read: Read) -> Expression:
    """`new T[n]`, `new T[n] {...}`, `new T[n][]`."""
    cursor.take()
    size = read(cursor)
    if cursor.is_sign(","):
        raise cursor.unsupported("an array of several dimensions", first)
    cursor.expect("]")
    while cursor.is_sign("[") and cursor.ahead(1).text == "]":
        cursor.at += 2
        element = TypeName("[]", element.span, (element,))
    items = _items(cursor, read) if cursor.is_sign("{") else None
    return ArrayCreation(element, size, items, cursor.span(first))


def _items(cursor: Cursor, read: Read) -> tuple[Expression, ...]:
    """`{a, b,}` of an array; an item may be such a list itself."""
    cursor.expect("{")
    listed: list[Expression] = []
    while not cursor.is_sign("}"):
        if listed:
            cursor.expect(",")
            if cursor.is_sign("}"):
                break
        listed.append(read(cursor))
    cursor.expect("}")
    return tuple(listed)


def array_items(cursor: Cursor, read: Read) -> ArrayItems:
    """The initializer of an array variable."""
    first = cursor.token
    return ArrayItems(_items(cursor, read), cursor.span(first))


def _anonymous(cursor: Cursor, first: Token, read: Read) -> Expression:
    cursor.take()
    fields: list[tuple[str, Expression]] = []
    while not cursor.is_sign("}"):
        if fields:
            cursor.expect(",")
            if cursor.is_sign("}"):
                break
        token = cursor.token
        if cursor.is_name() and cursor.ahead(1).text == "=":
            cursor.at += 2
            fields.append((token.text.removeprefix("@"), read(cursor)))
            continue
        value = read(cursor)
        if not isinstance(value, Name | Member):
            raise cursor.wrong("a field of an anonymous object needs a name: `name = value`", token)
        fields.append((value.name, value))
    cursor.expect("}")
    return Anonymous(tuple(fields), cursor.span(first))


def _initializer(cursor: Cursor, read: Read) -> Initializer:
    cursor.enter()
    first = cursor.take()
    items: list[Setter] = []
    while not cursor.is_sign("}"):
        if items:
            cursor.expect(",")
            if cursor.is_sign("}"):
                break
        items.append(_setter(cursor, read))
    cursor.expect("}")
    cursor.leave()
    return Initializer(tuple(items), cursor.span(first))


def _setter(cursor: Cursor, read: Read) -> Setter:
    first = cursor.token
    if cursor.is_sign("{"):
        return Setter("", (), _items(cursor, read), cursor.span(first))
    if cursor.is_sign("["):
        cursor.take()
        keys = [read(cursor)]
        while cursor.skip(","):
            keys.append(read(cursor))
        cursor.expect("]")
        cursor.expect("=")
        return Setter("", tuple(keys), (_value(cursor, read),), cursor.span(first))
    if cursor.token.kind is Kind.NAME and cursor.is_name() and cursor.ahead(1).text == "=":
        cursor.at += 2
        return Setter(first.text.removeprefix("@"), (), (_value(cursor, read),), cursor.span(first))
    return Setter("", (), (read(cursor),), cursor.span(first))


def _value(cursor: Cursor, read: Read) -> Expression | Initializer:
    return _initializer(cursor, read) if cursor.is_sign("{") else read(cursor)
