"""Policy expressions: C# in, Lua out.

Reading order: `syntax` and `statements` (the trees), `parse/`, `printer`, `types` and `members/` (what exists), `typed`
and `typed_statements`, `check/`, `compile`, `emit/`.
"""

from tidegate.policies.expressions.check import Checked, check_block, check_expression
from tidegate.policies.expressions.compile import compile_expression
from tidegate.policies.expressions.emit import emit_expression
from tidegate.policies.expressions.parse import Code, parse_block, parse_expression
from tidegate.policies.expressions.printer import print_block, print_expression

__all__ = [
    "Checked",
    "Code",
    "check_block",
    "check_expression",
    "compile_expression",
    "emit_expression",
    "parse_block",
    "parse_expression",
    "print_block",
    "print_expression",
]
