"""TG3: policy expressions (C#)."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

EXPRESSION_SYNTAX: Final = error("TG3001", "expression-syntax", "the expression is not C#: {detail}")
EXPRESSION_UNSUPPORTED: Final = error("TG3002", "expression-unsupported", "{what} is not supported in expressions")
EXPRESSION_TOO_LARGE: Final = error(
    "TG3003", "expression-too-large", "the expression has {size} characters; at most {limit} are read"
)
EXPRESSION_TOO_DEEP: Final = error("TG3004", "expression-too-deep", "the expression is nested more than {limit} deep")
TOO_MANY_VARIABLES: Final = error(
    "TG3006", "expression-variables", "more than {limit} variables live here at the same time"
)

NAME_UNKNOWN: Final = error("TG3101", "expression-name-unknown", "`{name}` is not a name that expressions know")
NAME_TAKEN: Final = error("TG3102", "expression-name-taken", "there is a `{name}` here already")
MEMBER_UNKNOWN: Final = error("TG3107", "expression-member-unknown", "`{target}` has no member `{member}`")
ARGUMENTS_UNKNOWN: Final = error(
    "TG3108", "expression-arguments", "`{member}` does not take ({given}); it takes {expected}"
)
TYPE_MISMATCH: Final = error("TG3109", "expression-type", "{what} is {given}, where {expected} is expected")
CAST_UNKNOWN: Final = error("TG3110", "expression-cast", "{given} cannot be cast to `{type}` here")
NOT_A_VALUE: Final = error("TG3111", "expression-not-a-value", "`{text}` is {kind}, not a value")
SECTION_LACKS: Final = error("TG3112", "expression-section", "`{member}` does not exist in {section}: {reason}")
RETURN_MISSING: Final = error("TG3113", "expression-return-missing", "not every way through it returns a value")
UNASSIGNED: Final = error("TG3114", "expression-unassigned", "`{name}` may have no value yet where it is used")
CANNOT_ASSIGN: Final = error("TG3115", "expression-assignment", "`{text}` cannot be assigned")
CONSTANT_WRONG: Final = error("TG3116", "expression-constant", "the constant is {detail}")
NOT_CALLABLE: Final = error("TG3117", "expression-not-callable", "a value of type {type} cannot be called")
ALWAYS_THROWS: Final = error("TG3118", "expression-always-throws", "this throws whenever it runs: {detail}")
VARIABLE_NEVER_SET: Final = warning(
    "TG3201", "variable-never-set", "no policy before this one sets the variable `{name}`"
)

CODES: Final = (
    EXPRESSION_SYNTAX,
    EXPRESSION_UNSUPPORTED,
    EXPRESSION_TOO_LARGE,
    EXPRESSION_TOO_DEEP,
    TOO_MANY_VARIABLES,
    NAME_UNKNOWN,
    NAME_TAKEN,
    MEMBER_UNKNOWN,
    ARGUMENTS_UNKNOWN,
    TYPE_MISMATCH,
    CAST_UNKNOWN,
    NOT_A_VALUE,
    SECTION_LACKS,
    RETURN_MISSING,
    UNASSIGNED,
    CANNOT_ASSIGN,
    CONSTANT_WRONG,
    NOT_CALLABLE,
    ALWAYS_THROWS,
    VARIABLE_NEVER_SET,
)
