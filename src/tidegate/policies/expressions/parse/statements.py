"""Statements (C# section 13): what stands in `@{...}` and between the braces of functions."""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.parse.creations import array_items
from tidegate.policies.expressions.parse.cursor import Cursor
from tidegate.policies.expressions.parse.expressions import expression
from tidegate.policies.expressions.parse.limits import STATEMENT_DEPTH
from tidegate.policies.expressions.parse.tokens import Kind, Token
from tidegate.policies.expressions.parse.types import expect_type, type_at
from tidegate.policies.expressions.statements import (
    Block,
    Catch,
    CheckedBlock,
    Declaration,
    DoWhile,
    For,
    ForEach,
    If,
    Jump,
    LocalFunction,
    Return,
    Run,
    Section,
    Statement,
    Switch,
    Throw,
    Try,
    Using,
    While,
)
from tidegate.policies.expressions.syntax import (
    Assignment,
    Call,
    ConditionalAccess,
    Expression,
    New,
    Parameter,
    Step,
    TypeName,
)

_REFUSED: Final = ("goto", "lock", "yield", "unsafe", "fixed", "await", "struct", "class", "static", "ref")
_HEAVY: Final = frozenset(("do", "for", "foreach", "switch", "try", "using", "while"))
_EFFECTS: Final = (Assignment, Call, ConditionalAccess, New, Step)


def block(cursor: Cursor) -> Block:
    """`{...}`"""
    first = cursor.expect("{")
    cursor.enter()
    statements: list[Statement] = []
    while not cursor.is_sign("}"):
        if cursor.token.kind is Kind.END:
            raise cursor.unexpected("`}` is missing")
        statements += _statement(cursor)
    cursor.take()
    cursor.leave()
    return Block(tuple(statements), cursor.span(first))


def statements(cursor: Cursor) -> Block:
    """All that is there, up to the END."""
    first = cursor.token
    listed: list[Statement] = []
    while cursor.token.kind is not Kind.END:
        listed += _statement(cursor)
    return Block(tuple(listed), cursor.span(first, cursor.token))


def _nested(cursor: Cursor) -> Statement:
    """The one statement that belongs to another. A lone `;` is an empty block."""
    cursor.enter()
    first = cursor.token
    listed = _statement(cursor)
    cursor.leave()
    if len(listed) == 1 and isinstance(listed[0], Declaration | LocalFunction):
        raise cursor.wrong("a declaration needs a block around it", first)
    return listed[0] if listed else Block((), cursor.span(first))


def _statement(cursor: Cursor) -> list[Statement]:
    """The next statement; none for a lone `;`."""
    token = cursor.token
    if token.kind is Kind.SIGN and token.text == ";":
        cursor.take()
        return []
    if token.kind is Kind.SIGN and token.text == "{":
        return [block(cursor)]
    if token.kind is Kind.NAME:
        if (read := _READERS.get(token.text)) is not None and not _is_checked_value(cursor):
            levels = STATEMENT_DEPTH if token.text in _HEAVY else 0
            cursor.enter(levels)
            read_ = read(cursor, cursor.take())
            cursor.leave(levels)
            return [read_]
        if token.text in _REFUSED and cursor.ahead(1).kind is not Kind.SIGN:
            raise cursor.unsupported(f"`{token.text}`", token)
        if cursor.is_name() and cursor.ahead(1).text == ":":
            raise cursor.unsupported("a label", token)
        if (declared := _declaration(cursor)) is not None:
            return [declared]
    run = _run(cursor)
    cursor.expect(";")
    return [run]


def _is_checked_value(cursor: Cursor) -> bool:
    return cursor.token.text in ("checked", "unchecked") and cursor.ahead(1).text == "("


def _run(cursor: Cursor) -> Run:
    first = cursor.token
    tree = expression(cursor)
    if not isinstance(tree, _EFFECTS):
        detail = "only a call, an assignment or a step can be a statement"
        raise cursor.wrong(detail, first, cursor.tokens[cursor.at - 1])
    return Run(tree, cursor.span(first))


# -- declarations


def _declaration(cursor: Cursor) -> Statement | None:
    """Variables or a local function, if this is where they are declared."""
    first = cursor.token
    guess = type_at(cursor, cursor.at)
    if guess is None:
        return None
    type_, at = guess
    name, following = cursor.tokens[at], cursor.tokens[min(at + 1, len(cursor.tokens) - 1)]
    if name.kind is not Kind.NAME:
        return None
    cursor_at, cursor.at = cursor.at, at
    if not cursor.is_name():
        cursor.at = cursor_at
        return None
    if following.text == "(":
        return _function(cursor, first, type_)
    if following.text == "<":
        raise cursor.unsupported("a generic local function", name)
    return _variables(cursor, first, type_)


def _variables(
    cursor: Cursor, first: Token, type_: TypeName, *, constant: bool = False, closed: bool = True
) -> Declaration:
    """`x = 1, y;`, with the type before them taken."""
    listed: list[tuple[str, Expression | None]] = []
    while True:
        name = cursor.name()
        value: Expression | None = None
        if cursor.skip("="):
            value = array_items(cursor, expression) if cursor.is_sign("{") else expression(cursor)
        listed.append((name.text.removeprefix("@"), value))
        if not cursor.skip(","):
            break
    if closed:
        cursor.expect(";")
    is_var = type_.name == "var" and not type_.arguments
    return Declaration(None if is_var else type_, tuple(listed), cursor.span(first), constant)


def _constant(cursor: Cursor, first: Token) -> Statement:
    return _variables(cursor, first, expect_type(cursor), constant=True)


def _function(cursor: Cursor, first: Token, result: TypeName) -> Statement:
    name = cursor.name()
    cursor.expect("(")
    listed: list[Parameter] = []
    while not cursor.is_sign(")"):
        if listed:
            cursor.expect(",")
        if cursor.token.text in ("ref", "out", "in", "params", "this"):
            raise cursor.unsupported(f"a parameter with `{cursor.token.text}`", cursor.token)
        type_ = expect_type(cursor)
        parameter = cursor.name()
        default = expression(cursor) if cursor.skip("=") else None
        listed.append(Parameter(parameter.text.removeprefix("@"), type_, cursor.span(parameter, parameter), default))
    cursor.take()
    body: Expression | Block
    if cursor.skip("=>"):
        body = expression(cursor)
        cursor.expect(";")
    else:
        body = block(cursor)
    return LocalFunction(result, name.text.removeprefix("@"), tuple(listed), body, cursor.span(first))


# -- control flow


def _condition(cursor: Cursor) -> Expression:
    cursor.expect("(")
    condition = expression(cursor)
    cursor.expect(")")
    return condition


def _if(cursor: Cursor, first: Token) -> Statement:
    condition = _condition(cursor)
    then = _nested(cursor)
    otherwise = _nested(cursor) if cursor.skip_word("else") else None
    return If(condition, then, otherwise, cursor.span(first))


def _while(cursor: Cursor, first: Token) -> Statement:
    condition = _condition(cursor)
    return While(condition, _nested(cursor), cursor.span(first))


def _do(cursor: Cursor, first: Token) -> Statement:
    body = _nested(cursor)
    if not cursor.skip_word("while"):
        raise cursor.unexpected("`while` is missing")
    condition = _condition(cursor)
    cursor.expect(";")
    return DoWhile(body, condition, cursor.span(first))


def _for(cursor: Cursor, first: Token) -> Statement:
    cursor.expect("(")
    start: tuple[Declaration | Run, ...] = ()
    if not cursor.is_sign(";"):
        declared = _for_variables(cursor)
        start = (declared,) if declared is not None else _runs(cursor)
    cursor.expect(";")
    condition = None if cursor.is_sign(";") else expression(cursor)
    cursor.expect(";")
    steps = () if cursor.is_sign(")") else tuple(run.expression for run in _runs(cursor))
    cursor.expect(")")
    return For(start, condition, steps, _nested(cursor), cursor.span(first))


def _for_variables(cursor: Cursor) -> Declaration | None:
    guess = type_at(cursor, cursor.at)
    if guess is None or cursor.tokens[guess[1]].kind is not Kind.NAME:
        return None
    first = cursor.token
    type_, cursor.at = guess
    return _variables(cursor, first, type_, closed=False)


def _runs(cursor: Cursor) -> tuple[Run, ...]:
    listed = [_run(cursor)]
    while cursor.skip(","):
        listed.append(_run(cursor))
    return tuple(listed)


def _foreach(cursor: Cursor, first: Token) -> Statement:
    cursor.expect("(")
    type_ = expect_type(cursor)
    name = cursor.name()
    if not cursor.skip_word("in"):
        raise cursor.unexpected("`in` is missing")
    source = expression(cursor)
    cursor.expect(")")
    body = _nested(cursor)
    is_var = type_.name == "var" and not type_.arguments
    return ForEach(None if is_var else type_, name.text.removeprefix("@"), source, body, cursor.span(first))


def _return(cursor: Cursor, first: Token) -> Statement:
    value = None if cursor.is_sign(";") else expression(cursor)
    cursor.expect(";")
    return Return(value, cursor.span(first))


def _jump(cursor: Cursor, first: Token) -> Statement:
    cursor.expect(";")
    return Jump(first.text, cursor.span(first))


def _throw(cursor: Cursor, first: Token) -> Statement:
    exception = None if cursor.is_sign(";") else expression(cursor)
    cursor.expect(";")
    return Throw(exception, cursor.span(first))


def _try(cursor: Cursor, first: Token) -> Statement:
    body = block(cursor)
    catches: list[Catch] = []
    while cursor.is_word("catch"):
        catches.append(_catch(cursor, cursor.take()))
    last = block(cursor) if cursor.skip_word("finally") else None
    if not catches and last is None:
        raise cursor.unexpected("`catch` or `finally` is missing")
    return Try(body, tuple(catches), last, cursor.span(first))


def _catch(cursor: Cursor, first: Token) -> Catch:
    type_, name, condition = None, "", None
    if cursor.skip("("):
        type_ = expect_type(cursor)
        if cursor.is_name():
            name = cursor.take().text.removeprefix("@")
        cursor.expect(")")
    if cursor.skip_word("when"):
        condition = _condition(cursor)
    return Catch(type_, name, condition, block(cursor), cursor.span(first))


def _using(cursor: Cursor, first: Token) -> Statement:
    if not cursor.is_sign("("):
        raise cursor.unsupported(
            "a `using` declaration", first, help="expressions are C# 7: `using (var x = ...) {...}`"
        )
    cursor.take()
    resource: Declaration | Expression | None = _for_variables(cursor)
    if resource is None:
        resource = expression(cursor)
    cursor.expect(")")
    return Using(resource, _nested(cursor), cursor.span(first))


def _switch(cursor: Cursor, first: Token) -> Statement:
    value = _condition(cursor)
    cursor.expect("{")
    cursor.enter()
    sections: list[Section] = []
    while not cursor.skip("}"):
        sections.append(_section(cursor))
    cursor.leave()
    return Switch(value, tuple(sections), cursor.span(first))


def _section(cursor: Cursor) -> Section:
    labels: list[Expression | None] = []
    while True:
        if cursor.skip_word("case"):
            token = cursor.token
            labels.append(expression(cursor))
            if cursor.is_word("when") or cursor.token.kind is Kind.NAME:
                raise cursor.unsupported("a pattern", token, help="a `case` takes a constant")
        elif cursor.is_word("default") and cursor.ahead(1).text == ":":
            cursor.take()
            labels.append(None)
        else:
            break
        cursor.expect(":")
    if not labels:
        raise cursor.unexpected("`case` is missing")
    listed: list[Statement] = []
    while not (cursor.is_word("case") or cursor.is_sign("}") or _is_default(cursor)):
        if cursor.token.kind is Kind.END:
            raise cursor.unexpected("`}` is missing")
        listed += _statement(cursor)
    return Section(tuple(labels), tuple(listed))


def _is_default(cursor: Cursor) -> bool:
    return cursor.is_word("default") and cursor.ahead(1).text == ":"


def _checked(cursor: Cursor, first: Token) -> Statement:
    return CheckedBlock(block(cursor), first.text == "checked", cursor.span(first))


_READERS: Final = {
    "break": _jump,
    "checked": _checked,
    "const": _constant,
    "continue": _jump,
    "do": _do,
    "for": _for,
    "foreach": _foreach,
    "if": _if,
    "return": _return,
    "switch": _switch,
    "throw": _throw,
    "try": _try,
    "unchecked": _checked,
    "using": _using,
    "while": _while,
}
