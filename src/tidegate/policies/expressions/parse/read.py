"""The two ways in: what stands in `@(...)`, and what stands in `@{...}`."""

from __future__ import annotations

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions.parse.cursor import Code, Cursor, Refused
from tidegate.policies.expressions.parse.expressions import expression
from tidegate.policies.expressions.parse.limits import MAX_LENGTH
from tidegate.policies.expressions.parse.statements import block, statements
from tidegate.policies.expressions.parse.tokens import Kind, LexicalError, tokenize
from tidegate.policies.expressions.statements import Block
from tidegate.policies.expressions.syntax import Expression


def parse_expression(code: Code, *, found: Found) -> Expression | None:
    """Read what stands between `@(` and `)`. None if it is not accepted; `found` then holds the reason."""
    cursor = _cursor(code, found)
    if cursor is None:
        return None
    try:
        tree = expression(cursor)
        if cursor.token.kind is not Kind.END:
            raise cursor.unexpected()
    except Refused:
        return None
    return tree


def parse_block(code: Code, *, found: Found) -> Block | None:
    """Read what stands between `@{` and `}`. None if it is not accepted; `found` then holds the reason."""
    cursor = _cursor(code, found)
    if cursor is None:
        return None
    try:
        return statements(cursor)
    except Refused:
        return None


def _cursor(code: Code, found: Found) -> Cursor | None:
    text = code.text
    if len(text) > MAX_LENGTH:
        found.add(codes.EXPRESSION_TOO_LARGE, at=code.span(0, len(text)), size=len(text), limit=MAX_LENGTH)
        return None
    try:
        tokens = tokenize(text)
    except LexicalError as error:
        found.add(codes.EXPRESSION_SYNTAX, at=code.span(error.start, error.end), detail=error.detail)
        return None
    if len(tokens) == 1:
        found.add(codes.EXPRESSION_SYNTAX, at=code.span(0, len(text)), detail="it is empty")
        return None
    return Cursor(code, found, tokens, block)
