"""TG3: policy expressions (C#)."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

EXPRESSION_SYNTAX: Final = error("TG3001", "expression-syntax", "the expression is not C#: {detail}")

CODES: Final = (EXPRESSION_SYNTAX,)
