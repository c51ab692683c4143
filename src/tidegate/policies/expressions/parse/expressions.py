"""Operators, by precedence (C# section 12.4.2), down to what they stand between."""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.keywords import TYPE_WORDS
from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.limits import MAX_OPERANDS
from tidegate.policies.expressions.parse.literals import literal_number
from tidegate.policies.expressions.parse.primaries import primary
from tidegate.policies.expressions.parse.tokens import Kind, Token
from tidegate.policies.expressions.parse.types import expect_type_behind_is, type_at
from tidegate.policies.expressions.syntax import (
    PRECEDENCE,
    RELATIONAL,
    As,
    Assignment,
    Binary,
    Cast,
    Conditional,
    Expression,
    Is,
    Lambda,
    Literal,
    Operator,
    Parameter,
    Step,
    ThrowValue,
    TypeName,
    Unary,
)

_OPERATORS: Final = {str(operator): operator for operator in Operator}
_ASSIGNMENTS: Final = {
    "=": None,
    **{f"{sign}=": Operator(sign) for sign in ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>")},
}
_CLOSED: Final = frozenset(("[]", "?"))


def expression(cursor: Cursor) -> Expression:
    """An expression, with all that binds weakest: lambdas, assignments, conditionals."""
    cursor.enter()
    tree = _expression(cursor)
    cursor.leave()
    return tree


def _expression(cursor: Cursor) -> Expression:
    first = cursor.token
    if first.kind is Kind.NAME and first.text in ("async", "delegate", "from", "await") and _is_refused_word(cursor):
        help = "write it with methods: `.Where(x => ...).Select(x => ...)`" if first.text == "from" else ""
        raise cursor.unsupported(f"`{first.text}`", first, help=help)
    if (parameters := _lambda_parameters(cursor)) is not None:
        return _lambda(cursor, first, parameters)
    if cursor.is_word("throw"):
        cursor.take()
        exception = expression(cursor)
        return ThrowValue(exception, cursor.span(first))
    left = _conditional(cursor)
    sign = _assignment_sign(cursor)
    if sign is None:
        return left
    if sign == "??=":
        raise cursor.unsupported("`??=`", cursor.token, help="expressions are C# 7: write `x = x ?? y`")
    cursor.at += 2 if sign == ">>=" else 1
    right = expression(cursor)
    return Assignment(_ASSIGNMENTS[sign], left, right, left.span.to(right.span))


def _is_refused_word(cursor: Cursor) -> bool:
    """Whether `from`, `async` and their like begin what they begin in C#, and are no names."""
    following = cursor.ahead(1)
    if cursor.token.text == "delegate":
        return True
    return following.kind is Kind.NAME or (cursor.token.text == "async" and following.text == "(")


def _assignment_sign(cursor: Cursor) -> str | None:
    token = cursor.token
    if token.kind is not Kind.SIGN:
        return None
    following = cursor.ahead(1)
    if token.text == ">" and following.text == ">=" and following.start == token.end:
        return ">>="
    return token.text if token.text in _ASSIGNMENTS or token.text == "??=" else None


# -- lambdas


def _lambda_parameters(cursor: Cursor) -> tuple[Parameter, ...] | None:
    """The parameters of a lambda, up to its `=>`, if one stands here."""
    token = cursor.token
    if cursor.is_name() and cursor.ahead(1).text == "=>":
        cursor.at += 2
        return (Parameter(token.text.removeprefix("@"), None, cursor.span(token, token)),)
    if token.text != "(" or not _arrow_behind_bracket(cursor):
        return None
    cursor.take()
    listed: list[Parameter] = []
    while not cursor.is_sign(")"):
        if listed:
            cursor.expect(",")
        listed.append(_parameter(cursor))
    cursor.at += 2
    return tuple(listed)


def _arrow_behind_bracket(cursor: Cursor) -> bool:
    """Whether `=>` follows the bracket that closes the one here. Only what a list of parameters holds is skipped."""
    depth = 0
    for at in range(cursor.at, len(cursor.tokens)):
        text = cursor.tokens[at].text
        if text == "(":
            depth += 1
            if depth > 1:
                return False
        elif text == ")":
            return cursor.tokens[min(at + 1, len(cursor.tokens) - 1)].text == "=>"
    return False


def _parameter(cursor: Cursor) -> Parameter:
    token = cursor.token
    if token.text in ("ref", "out", "in", "params", "this"):
        raise cursor.unsupported(f"a parameter with `{token.text}`", token)
    if cursor.is_name() and cursor.ahead(1).text in (",", ")"):
        cursor.take()
        return Parameter(token.text.removeprefix("@"), None, cursor.span(token, token))
    guess = type_at(cursor, cursor.at)
    if guess is None:
        raise cursor.unexpected("a parameter is missing")
    type_, cursor.at = guess
    name = cursor.name()
    return Parameter(name.text.removeprefix("@"), type_, cursor.span(name, name))


def _lambda(cursor: Cursor, first: Token, parameters: tuple[Parameter, ...]) -> Lambda:
    body = cursor.read_block(cursor) if cursor.is_sign("{") else expression(cursor)
    return Lambda(parameters, body, cursor.span(first))


# -- operators


def _conditional(cursor: Cursor) -> Expression:
    condition = _binary(cursor, 1)
    if not cursor.is_sign("?"):
        return condition
    cursor.take()
    then = expression(cursor)
    cursor.expect(":")
    otherwise = expression(cursor)
    return Conditional(condition, then, otherwise, condition.span.to(otherwise.span))


def _binary_sign(cursor: Cursor) -> Operator | None:
    token = cursor.token
    if token.kind is not Kind.SIGN:
        return None
    if token.text == ">":
        following = cursor.ahead(1)
        if following.start == token.end and following.text in (">", ">="):
            return Operator.SHIFT_RIGHT if following.text == ">" else None
    return _OPERATORS.get(token.text)


def _binary(cursor: Cursor, floor: int) -> Expression:
    """Operators that bind at least as strong as `floor`; all but `??` group to the left."""
    left = _unary(cursor)
    operands = 0
    while True:
        if cursor.token.kind is Kind.NAME and cursor.token.text in ("is", "as"):
            if floor > RELATIONAL:
                return left
            left = _type_test(cursor, left)
            continue
        operator = _binary_sign(cursor)
        if operator is None or PRECEDENCE[operator] < floor:
            return left
        sign = cursor.take()
        if operator is Operator.SHIFT_RIGHT:
            cursor.take()
        operands += 1
        if operands > MAX_OPERANDS:
            raise cursor.unsupported(f"a chain of more than {MAX_OPERANDS} operators", sign)
        if operator is Operator.COALESCE:
            # Groups to the right, and may end in a throw.
            cursor.enter()
            right = _expression(cursor) if cursor.is_word("throw") else _binary(cursor, PRECEDENCE[operator])
            cursor.leave()
        else:
            right = _binary(cursor, PRECEDENCE[operator] + 1)
        left = Binary(operator, left, right, left.span.to(right.span))


def _type_test(cursor: Cursor, operand: Expression) -> Expression:
    word = cursor.take()
    if word.text == "as":
        type_ = expect_type_behind_is(cursor)
        return As(operand, type_, operand.span.to(type_.span))
    following = cursor.token
    if following.text == "null" and following.kind is Kind.NAME:
        cursor.take()
        null = Literal(None, "null", cursor.span(following, following))
        return Binary(Operator.EQUAL, operand, null, operand.span.to(null.span))
    if following.text in ("not", "var", "{", "(", "<", ">") or following.kind is not Kind.NAME:
        raise cursor.unsupported("a pattern", following, help="`is` takes a type or null; compare with operators")
    if following.text in ("true", "false"):
        raise cursor.unsupported("a pattern", following, help=f"write `== {following.text}`")
    type_ = expect_type_behind_is(cursor)
    name = ""
    if cursor.is_name() and cursor.token.text not in ("when", "and", "or"):
        name = cursor.take().text.removeprefix("@")
    return Is(operand, type_, name, operand.span.to(cursor.span(word)))


def _unary(cursor: Cursor) -> Expression:
    token = cursor.token
    if token.kind is not Kind.SIGN:
        return primary(cursor, expression)
    if token.text in ("!", "-", "+", "~", "++", "--"):
        cursor.enter()
        cursor.take()
        if token.text == "-" and cursor.token.kind is Kind.NUMBER:
            tree = _negative(cursor, token)
            cursor.leave()
            return tree
        operand = _unary(cursor)
        cursor.leave()
        span = cursor.span(token, token).to(operand.span)
        if token.text in ("++", "--"):
            return Step(token.text, operand, is_prefix=True, span=span)
        return Unary(token.text, operand, span)
    if token.text == "(" and (type_ := _cast(cursor)) is not None:
        cursor.enter()
        operand = _unary(cursor)
        cursor.leave()
        return Cast(type_, operand, cursor.span(token, token).to(operand.span))
    if token.text in ("&", "*"):
        raise cursor.unsupported("a pointer", token)
    return primary(cursor, expression)


def _negative(cursor: Cursor, sign: Token) -> Expression:
    """`-2147483648` is a literal: its number alone would be no int."""
    number = literal_number(cursor, cursor.token, is_negative=True)
    smallest = {"int": 1 << 31, "long": 1 << 63}
    if isinstance(number, Literal) and smallest.get(number.kind) == number.value and isinstance(number.value, int):
        cursor.take()
        return Literal(-number.value, number.kind, cursor.span(sign))
    operand = primary(cursor, expression)
    return Unary("-", operand, cursor.span(sign, sign).to(operand.span))


def _cast(cursor: Cursor) -> TypeName | None:
    """The type between brackets, if what stands here is a cast (C# section 12.9.7)."""
    guess = type_at(cursor, cursor.at + 1)
    if guess is None:
        return None
    type_, at = guess
    if cursor.tokens[at].text != ")" or cursor.tokens[at].kind is not Kind.SIGN:
        return None
    following = cursor.tokens[at + 1]
    if type_.name not in TYPE_WORDS and type_.name not in _CLOSED and not type_.arguments:
        # `(a)` may be a value. It is a cast if a value follows that no operator could have joined to it.
        if following.kind is Kind.SIGN:
            if following.text not in ("(", "!", "~"):
                return None
        elif following.kind is Kind.END or following.text in ("is", "as"):
            return None
    cursor.at = at + 1
    return type_
