"""Type parameters learn from arguments; lambdas and functions have types when they get them."""

from __future__ import annotations

import pytest

from expression_lab import check, parsed, problems
from tidegate.policies.expressions import print_expression, typed
from tidegate.policies.expressions.check.calls import substituted_signature
from tidegate.policies.expressions.check.functions import call_value
from tidegate.policies.expressions.check.inference import infer, is_fixed
from tidegate.policies.expressions.check.lambdas import common_type, is_function_type, method_as_lambda
from tidegate.policies.expressions.check.names import type_named
from tidegate.policies.expressions.check.returns import convert_returns
from tidegate.policies.expressions.check.state import MAX_CAPTURED, MAX_LOCALS
from tidegate.policies.expressions.members import bound_rows
from tidegate.policies.expressions.typed_statements import Block, If, Return
from tidegate.policies.expressions.types import (
    ENUMERABLE,
    INT,
    LIST,
    LONG,
    NULL,
    OBJECT,
    PAIR,
    STRING,
    STRING_ARRAY,
    R,
    T,
    Type,
    func,
    nullable,
)

AT = parsed("a").span


def constant(value: str | int | None, type_: Type) -> typed.Typed:
    return typed.Constant(value, type_, AT)


def test_infer() -> None:
    """From the type itself, from what it is a sequence of, from T of `T?`; null teaches nothing."""
    known: dict[Type, Type] = {}
    infer(ENUMERABLE, STRING_ARRAY, (T,), known)
    infer(R, NULL, (T, R), known)
    assert known == {T: STRING}
    infer(R, INT, (R,), known)
    infer(R, LONG, (R,), known)
    assert known[R] == LONG
    assert is_fixed(func(T, R), (T, R), known)
    other: dict[Type, Type] = {}
    infer(nullable(T), INT, (T,), other)
    infer(PAIR, INT, (T,), other)
    assert other == {T: INT}
    assert not is_fixed(LIST.of(R), (R,), other)


def test_common_type() -> None:
    """One of them, to which all convert."""
    assert common_type((constant(1, INT), constant(1, LONG))) == LONG
    assert common_type((constant(None, NULL), constant("a", STRING))) == STRING
    assert common_type((constant(1, INT), constant("a", STRING))) is None
    assert is_function_type(func(INT, INT))
    assert print_expression(method_as_lambda(parsed("int.Parse"), 1)).endswith("=> int.Parse(argument 0)")


def test_returns_are_converted_wherever_they_stand() -> None:
    """Also in branches."""
    one = constant(1, INT)
    block = Block((If(one, Block((Return(one),)), Block((Return(None),))), Return(one)))
    changed = convert_returns(block, lambda value: constant("x", value.type))
    inner = changed.statements[0]
    assert isinstance(inner, If)
    assert inner.then.statements == (Return(constant("x", INT)),)
    assert changed.statements[1] == Return(constant("x", INT))


def test_names_of_types() -> None:
    """Short, aliased, in full, by the number of type arguments."""
    assert type_named("String", 0) == type_named("System.String", 0) == STRING
    assert type_named("List", 1) == type_named("System.Collections.Generic.List", 1) == LIST
    assert type_named("List", 0) is None
    assert type_named("Object", 0) == OBJECT


def test_signatures_name_the_types_that_are_there() -> None:
    """Of List<int>, Add takes an int; out parameters and what may be left out show."""
    (add, *_) = bound_rows(LIST.of(INT), "Add")
    assert substituted_signature(add) == "(int)"
    (attempt, *_) = bound_rows(INT, "TryParse", static=True)
    assert "out int" in substituted_signature(attempt)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{ int f(int a) => a; return f(); }", "28 TG3108 `the function` does not take (0 arguments); it takes (int)"),
        ('{ int f(int a) => a; return f("x"); }', "30 TG3109 argument 1 is string, where int is expected"),
        (
            "{ int f(int a) => a; return f(a: 1); }",
            "28 TG3002 a named argument of a local function is not supported in expressions",
        ),
        ("{ var f = x => x; return 1; }", "10 TG3002 `var` for this is not supported in expressions"),
        (
            "{ Func<int, int> f = (a, b) => a; return 1; }",
            "21 TG3109 the lambda is one of 2 parameters, where one of 1 is expected",
        ),
        (
            "{ Func<int, int> f = (string a) => 1; return 1; }",
            "29 TG3109 the parameter `a` is string, where int is expected",
        ),
    ],
)
def test_functions_are_called_as_they_are_declared(text: str, problem: str) -> None:
    """By number and type of arguments."""
    assert call_value.__doc__
    assert problems(text) == [problem]


def test_variables_are_bounded() -> None:
    """Lua has 200 locals for a function, and 60 names of outside."""
    many = "".join(f"var v{i} = 1;" for i in range(MAX_LOCALS))
    assert check(f"{{ {many} return 1; }}")
    assert problems(f"{{ {many} var w = 1; return 1; }}")[0].split(" ")[1] == "TG3006"
    few = "".join(f"var v{i} = 1;" for i in range(MAX_CAPTURED + 1))
    used = "+".join(f"v{i}" for i in range(MAX_CAPTURED + 1))
    assert problems(f"{{ {few} Func<int> f = () => {used}; return f(); }}")[0].split(" ")[1] == "TG3006"
    assert problems(f"{{ {few} try {{ return {used}; }} catch {{ return 1; }} }}")[0].split(" ")[1] == "TG3006"
