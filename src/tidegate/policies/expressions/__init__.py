"""Policy expressions: C# in, Lua out.

Reading order: `syntax` (the tree), `parse`, `printer`, `types` and `members` (what exists), `typed`, `check`, `emit`.
"""

from tidegate.policies.expressions.check import Checked, check_expression
from tidegate.policies.expressions.emit import emit_expression
from tidegate.policies.expressions.parse import Code, parse_expression
from tidegate.policies.expressions.printer import print_expression

__all__ = ["Checked", "Code", "check_expression", "emit_expression", "parse_expression", "print_expression"]
