"""C# text to syntax trees. Reading order: `tokens`, `cursor`, `types`, `operators`, `primaries`, `statements`."""

from tidegate.policies.expressions.parse.cursor import Code
from tidegate.policies.expressions.parse.limits import MAX_DEPTH, MAX_LENGTH
from tidegate.policies.expressions.parse.read import parse_block, parse_expression

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Code", "parse_block", "parse_expression"]
