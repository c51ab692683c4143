"""The type checker: syntax trees and the tables of members to typed trees.

It accepts what C# accepts of the part of the language that is read, and nothing else: what would be an error to Azure
is an error here, with the place. Where C#'s nullable types would differ (`a?.B == true`), the same holds.

Reading order: `state`, `names`, `conversions`, `lambdas`, `inference`, `overloads`, `calls`, `access`, `operators`,
`expressions`, `statements`.
"""

from tidegate.policies.expressions.check.whole import Checked, check_block, check_expression

__all__ = ["Checked", "check_block", "check_expression"]
