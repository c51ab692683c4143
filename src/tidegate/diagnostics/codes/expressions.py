"""TG3: policy expressions (C#)."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

EXPRESSION_SYNTAX: Final = error("TG3001", "expression-syntax", "the expression is not C#: {detail}")
EXPRESSION_UNSUPPORTED: Final = error("TG3002", "expression-unsupported", "{what} is not translated in expressions yet")
EXPRESSION_TOO_LARGE: Final = error(
    "TG3003", "expression-too-large", "the expression has {size} characters; at most {limit} are read"
)
EXPRESSION_TOO_DEEP: Final = error("TG3004", "expression-too-deep", "the expression is nested more than {limit} deep")
STATEMENTS_UNSUPPORTED: Final = error(
    "TG3005", "expression-statements", "statement blocks `@{{...}}` are not translated yet"
)

NAME_UNKNOWN: Final = error("TG3101", "expression-name-unknown", "`{name}` is not a name that expressions know")
MEMBER_UNKNOWN: Final = error("TG3107", "expression-member-unknown", "`{target}` has no member `{member}`")
ARGUMENTS_UNKNOWN: Final = error(
    "TG3108", "expression-arguments", "`{member}` does not take ({given}); it takes {expected}"
)
TYPE_MISMATCH: Final = error("TG3109", "expression-type", "{what} is {given}, where {expected} is expected")
CAST_UNKNOWN: Final = error("TG3110", "expression-cast", "{given} cannot be cast to `{type}` here")
NOT_A_VALUE: Final = error("TG3111", "expression-not-a-value", "`{text}` is {kind}, not a value")
SECTION_LACKS: Final = error("TG3112", "expression-section", "`{member}` does not exist in {section}: {reason}")
VARIABLE_NEVER_SET: Final = warning(
    "TG3201", "variable-never-set", "no policy before this one sets the variable `{name}`"
)

CODES: Final = (
    EXPRESSION_SYNTAX,
    EXPRESSION_UNSUPPORTED,
    EXPRESSION_TOO_LARGE,
    EXPRESSION_TOO_DEEP,
    STATEMENTS_UNSUPPORTED,
    NAME_UNKNOWN,
    MEMBER_UNKNOWN,
    ARGUMENTS_UNKNOWN,
    TYPE_MISMATCH,
    CAST_UNKNOWN,
    NOT_A_VALUE,
    SECTION_LACKS,
    VARIABLE_NEVER_SET,
)
