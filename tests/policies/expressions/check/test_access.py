"""Names, members, calls and indexes: what does not exist is named, with what is near."""

from __future__ import annotations

import pytest

from expression_lab import check, problems
from tidegate.diagnostics import Found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "contxt.Request",
            "1 TG3101 `contxt` is not a name that expressions know",
        ),
        (
            "foo()",
            "1 TG3101 `foo` is not a name that expressions know",
        ),
        (
            "context.Requst.Method",
            "9 TG3107 `context` has no member `Requst`",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x").AsJwt()?.Subjct',
            "57 TG3107 `Jwt` has no member `Subjct`",
        ),
        (
            "string.Jon(1)",
            "8 TG3107 `string` has no member `Jon`",
        ),
        (
            "context",
            "1 TG3111 `context` is an IProxyRequestContext, not a value",
        ),
        (
            "String",
            "1 TG3111 `string` is a type, not a value",
        ),
        (
            "System",
            "1 TG3111 `System` is a namespace, not a value",
        ),
        (
            "System.Nothing.X",
            "8 TG3002 the type `System.Nothing` is not supported in expressions",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x").AsJwt',
            "48 TG3111 `AsJwt` is a method, not a value",
        ),
        (
            "context.Request.Method.Trim.Length",
            "24 TG3111 `Trim` is a method, not a value",
        ),
        (
            "context.Request.Method()",
            "1 TG3117 a value of type string cannot be called",
        ),
        (
            "1[0]",
            "1 TG3109 what is indexed is int, where an array or a dictionary is expected",
        ),
        (
            "true?.ToString()",
            "1 TG3109 the value before `?.` is bool, where something that may be null is expected",
        ),
        (
            "new { a = 1 }.b",
            "15 TG3107 `new { a = 1 }` has no member `b`",
        ),
        (
            '"".Empty',
            '4 TG3107 `""` has no member `Empty`',
        ),
        (
            "string.Length",
            "8 TG3107 `string` has no member `Length`",
        ),
        (
            "nameof(1)",
            "1 TG3002 this `nameof` is not supported in expressions",
        ),
        (
            "{ int f() => 1; var x = f; return x; }",
            "24 TG3111 `f` is a function, not a value",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("context.Requst", "did you mean `Request`?"),
        ("Context.Request", "did you mean `context`?"),
        ('(jwt)context.Variables["x"]', "did you mean `Jwt`?"),
        ('new [] {"a"}', 'join the values: `String.Join(",", ...)`'),
        ('"".Empty', "it is a member of the class: write `string.Empty`"),
        ("string.Length", "it is a member of values"),
        ("context.Request.Method.Trim", "call it: `Trim(...)`"),
    ],
)
def test_help_names_the_way_out(text: str, help: str) -> None:
    """Slips are corrected against the names that are valid at that place."""
    found = Found()
    assert check(text, found) is None
    assert [d.help for d in found] == [help]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ('Int.Parse("1")', "did you mean `int`?"),
        ("Strng.Empty", "did you mean `string`?"),
        ("contxt.Request", "did you mean `context`?"),
        ('context.Request.Body.As<string>(preserve: true) == ""', "known here: preserveContent"),
        ("context.Response.StatusCode = 503", "to compare, write `==`"),
    ],
)
def test_what_was_meant(text: str, help: str) -> None:
    """Types are names, too; so are parameters; and `=` is no `==`."""
    found = Found()
    check(text, found=found)
    assert [diagnostic.help for diagnostic in found] == [help]
