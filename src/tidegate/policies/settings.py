"""Values of attributes and texts: a literal, or an expression that was checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.expressions import Checked, compile_expression, emit_expression
from tidegate.policies.expressions.types import BOOL, INT, OBJECT, STRING, Type
from tidegate.policies.lua_text import LuaWriter, lua_value
from tidegate.policies.named_values import NamedValue, Written, substitute
from tidegate.sources.xml import Expression, Text, Value

_SHOWN: Final = 120
_MIXED: Final = re.compile(r"@[({]")
_CLOSERS: Final = {"(": ")", "{": "}"}
_BOOLEANS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Setting:
    """One value. Exactly one of `literal` and `expression` is there."""

    literal: str | int | bool | None
    expression: Checked | None
    span: Span
    shown: str
    """As the author wrote it, in one line and without named values filled in: these may be secret."""

    def emit(self, writer: LuaWriter) -> str:
        """The Lua expression of the value."""
        if self.expression is None:
            return lua_value(self.literal)
        return emit_expression(self.expression.tree, writer)

    @property
    def may_be_null(self) -> bool:
        return self.expression is not None and self.expression.tree.nullable


def read_setting(
    value: Value,
    *,
    span: Span,
    wanted: Type,
    section: str,
    named_values: Mapping[str, NamedValue],
    found: Found,
) -> Setting | None:
    """The value as a `wanted`; None, with diagnostics, if it is none."""
    shown = _shown(value)
    if not value:
        return _literal("", span=span, wanted=wanted, shown=shown, found=found)
    if len(value) > 1:
        beside = next((part.span for part in value if isinstance(part, Text)), span)
        found.add(
            codes.EXPRESSION_NOT_WHOLE,
            at=beside,
            label="this stands beside it",
            help='put it inside: `@("Bearer " + ...)`',
        )
        return None
    (part,) = value
    if isinstance(part, Expression):
        code, is_block = substitute(part.code, named_values, found=found), part.is_block
    else:
        written = substitute(part.placed, named_values, found=found)
        if written is None:
            return None
        code, is_block = _fenced(written)
        if code is None:
            return _literal(written.text, span=span, wanted=wanted, shown=shown, found=found)
    if code is None:
        return None
    checked = compile_expression(code, is_block=is_block, wanted=wanted, section=section, found=found)
    return Setting(None, checked, span, shown) if checked else None


def _fenced(written: Written) -> tuple[Written | None, bool]:
    """The code, where a named value brought an expression with it, and whether it is a block."""
    text = written.text.strip()
    if text[:2] not in ("@(", "@{") or text[-1] != _CLOSERS[text[1]]:
        return None, False
    start = written.text.index(text[:2])
    return written.cut(start + 2, start + len(text) - 1), text[1] == "{"


def _literal(text: str, *, span: Span, wanted: Type, shown: str, found: Found) -> Setting | None:
    if _MIXED.search(text):
        found.add(codes.EXPRESSION_NOT_WHOLE, at=span, help='put the text inside: `@("Bearer " + ...)`')
        return None
    if wanted in (STRING, OBJECT):
        return Setting(text, None, span, shown)
    stripped = text.strip()
    if wanted is INT and stripped.isascii() and stripped.removeprefix("-").isdigit() and len(stripped) < 11:
        return Setting(int(stripped), None, span, shown)
    if wanted is BOOL and stripped.lower() in _BOOLEANS:
        return Setting(_BOOLEANS[stripped.lower()], None, span, shown)
    expected = {INT: "a whole number", BOOL: "true or false"}.get(wanted, str(wanted))
    found.add(codes.VALUE_UNEXPECTED, at=span, value=shown, expected=expected)
    return None


def _shown(value: Value) -> str:
    text = " ".join(" ".join((_fence(part) if isinstance(part, Expression) else part.text).split()) for part in value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _fence(part: Expression) -> str:
    return f"@{{{part.code.text}}}" if part.is_block else f"@({part.code.text})"
