"""The type checker: what C# would refuse is refused, with the place and the way out."""

from __future__ import annotations

import pytest

from expression_lab import check, problems
from tidegate.diagnostics import Found
from tidegate.policies.expressions.types import BOOL, INT

HEADER = 'context.Request.Headers.GetValueOrDefault("x")'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("contxt.Request", "1 TG3101 `contxt` is not a name that expressions know"),
        ("context.Requst.Method", "9 TG3107 `context` has no member `Requst`"),
        ("context.Request.Header", "17 TG3107 `context.Request` has no member `Header`"),
        (f"{HEADER}.AsJwt()?.Subjct", "57 TG3107 `Jwt` has no member `Subjct`"),
        (f"{HEADER}.Lenght", "48 TG3107 `context.Request.Headers.GetValueOrDefault(\"x\")` has no member `Lenght`"),
        ("context", "1 TG3111 `context` is an IProxyRequestContext, not a value"),
        ("context.Request.Headers",
         "1 TG3111 `context.Request.Headers` is an IReadOnlyDictionary<string, string[]>, not a value"),
        ("String", "1 TG3111 `String` is a type, not a value"),
        (f"{HEADER}.AsJwt", "48 TG3111 `AsJwt` is a method, not a value"),
        ("context.Request.Method()", "17 TG3108 `Method` does not take (); it takes no arguments: it is a property"),
        ("context.Request.Headers.ContainsKey(1)", "25 TG3108 `ContainsKey` does not take (int); it takes (string)"),
        ('context.Request.Headers.GetValueOrDefault("a", 1)',
         "25 TG3108 `GetValueOrDefault` does not take (string, int); it takes (string) or (string, string)"),
        ("context.Request.Headers[0]", "25 TG3108 `[]` does not take (int); it takes (string)"),
        ("context.Request.Method[0]", "1 TG3109 what is indexed is string, where an array or a dictionary is expected"),
        ("foo()", "1 TG3002 a call of something without a name is not translated in expressions yet"),
        ("1 + 2", "1 TG3109 one side of `+` is int, where string is expected"),
        ('"a" + context.Request.Headers["x"]', "7 TG3109 the value is string[], where string is expected"),
        ('"a" == 1 ? "x" : "y"', "8 TG3109 the right side of `==` is int, where string is expected"),
        ('context.Variables["x"] == "a" ? "x" : "y"',
         "27 TG3109 the right side of `==` is string, where object is expected"),
        ('1 < "a" ? "x" : "y"', "5 TG3109 a side of `<` is string, where int is expected"),
        ('1 == null ? "x" : "y"', "6 TG3109 the right side of `==` is null, where int is expected"),
        ('"a" ? "x" : "y"', "1 TG3109 the condition is string, where bool is expected"),
        ('!"a" ? "x" : "y"', "2 TG3109 the condition is string, where bool is expected"),
        (f'{HEADER}?.Contains("a") ? "x" : "y"', "1 TG3109 the condition is bool?, where bool is expected"),
        ('true ? "a" : 1', "14 TG3109 the value behind `:` is int, where string is expected"),
        ('1 ?? 2', "1 TG3109 the left side of `??` is int, where something that may be null is expected"),
        (f"{HEADER} ?? 1", "51 TG3109 the right side of `??` is int, where string is expected"),
        ('true?.ToString()', "1 TG3109 the value before `?.` is bool, where something that may be null is expected"),
        ('(Jwt)context.Request.Method', "1 TG3110 string cannot be cast to `Jwt` here"),
        ('(DateTime)context.Variables["x"]', "2 TG3002 the type `DateTime` is not translated in expressions yet"),
        ("new int[] {1}", "1 TG3002 an array of `int` is not translated in expressions yet"),
        ("new [] {}", "1 TG3001 the expression is not C#: an array without elements needs a type"),
        ('String.Join(",", new [] {1})', "26 TG3109 an element is int, where string is expected"),
        ("new [] {\"a\"}", "1 TG3109 the value is string[], where string is expected"),
        ("context.Response.StatusCode",
         "9 TG3112 `context.Response` does not exist in inbound: only outbound and on-error have it"),
        ("context.LastError.Reason", "9 TG3112 `context.LastError` does not exist in inbound: only on-error have it"),
        ('context.Variables.GetValueOrDefault<int>("x", "a")',
         "47 TG3109 the default is string, where int is expected"),
        ("context.Variables.GetValueOrDefault<string>()",
         "19 TG3108 `GetValueOrDefault` does not take (); it takes <T>(string) or <T>(string, T)"),
    ],
)  # fmt: skip
def test_refused(text: str, problem: str) -> None:
    """One finding each, at its own column."""
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("context.Requst", "did you mean `Request`?"),
        ("Context.Request", "did you mean `context`?"),
        ('(jwt)context.Variables["x"]', "did you mean `Jwt`?"),
        ('new [] {"a"}', 'join the values: `String.Join(",", ...)`'),
        ("context.Nothing", "known here: LastError, Request, Response, Variables"),
    ],
)
def test_help_names_the_way_out(text: str, help: str) -> None:
    """Slips are corrected against the names that are valid at that place."""
    found = Found()
    assert check(text, found) is None
    assert [d.help for d in found] == [help]


def test_wanted_type() -> None:
    """Numbers and booleans must be exactly that; texts take what has a text."""
    assert check("1 < 2", wanted=BOOL)
    assert check("context.Request.Method.Length", wanted=INT)
    assert problems("1", wanted=BOOL) == ["1 TG3109 the expression is int, where bool is expected"]
    assert problems(f"{HEADER}?.Length", wanted=INT) == ["1 TG3109 the expression is int?, where int is expected"]
    assert check("1")
    assert check("true")


def test_variables_that_are_read_are_listed() -> None:
    """By literal name, with their place; a default makes reading safe."""
    checked = check('(string)context.Variables["a"] + context.Variables.GetValueOrDefault<string>("b")')
    assert checked
    assert [(v.value, v.span.column) for v in checked.variables] == [("a", 27)]
