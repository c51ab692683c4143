"""null, `?.`, `??`, `?:`, `&&` and `||`, and the order in which parts run."""

from __future__ import annotations

import re

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime

REQUEST = ((":method", "GET"), ("X-Two", "2"))
VARIABLES = {"text": "t", "number": 7, "flag": True}


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module: expressions change nothing in it."""
    return runtime()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            'context.Request.Headers.GetValueOrDefault("x") == null',
            "True",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?.Length == null',
            "True",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?.Length == 3',
            "False",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?.Length ?? -1',
            "-1",
        ),
        (
            '(context.Request.Headers.GetValueOrDefault("x")?.Contains("a") ?? true) ? 1 : 2',
            "1",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x") ?? '
            'context.Request.Headers.GetValueOrDefault("x") ?? "last"',
            "last",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?.Trim().Trim()?.Length.ToString() ?? "none"',
            "none",
        ),
        (
            "context.Request.Method?.Trim()?.Length",
            "3",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?[0] == null',
            "True",
        ),
        (
            "context.Request.Method?[1]",
            "E",
        ),
        (
            'false && context.Request.Headers.GetValueOrDefault("x").Length == 1',
            "False",
        ),
        (
            'true || context.Request.Headers.GetValueOrDefault("x").Length == 1',
            "True",
        ),
        (
            'true ? "a" : context.Request.Headers.GetValueOrDefault("x").Trim()',
            "a",
        ),
        (
            "true ? 1 : 2.5",
            "1",
        ),
        (
            "false ? 1 : 'a'",
            "97",
        ),
        (
            'true ? null : "a"',
            None,
        ),
        (
            '{ int? a = null; int? b = 3; return $"{a + b}|{a == b}|{a < b}|{a != null}|{b + 1}|{a ?? '
            '7}|{a == null}|{b > 2}"; }',
            "|False|False|False|4|7|True|True",
        ),
        (
            "{ int? a = 2; return a.HasValue && a.Value == 2 ? a.GetValueOrDefault() + 1 : 0; }",
            "3",
        ),
        (
            "{ int? a = null; return a.GetValueOrDefault(9); }",
            "9",
        ),
        (
            "{ int? a = null; a++; return a == null; }",
            "True",
        ),
        (
            "{ bool? a = null; return (a ?? true) && a != true; }",
            "True",
        ),
        (
            '{ double? a = 1; object o = a; return o is double ? "d" : "?"; }',
            "d",
        ),
        (
            "{ object o = 1; return o is int && !(o is long) && o is object; }",
            "True",
        ),
        (
            '{ object o = "s"; return (o as string) + (o as Jwt == null); }',
            "sTrue",
        ),
        (
            "{ object o = 'c'; return o is char x ? x + 1 : 0; }",
            "100",
        ),
        (
            "{ object o = null; return o is string || o as string != null; }",
            "False",
        ),
        (
            "(int)(object)1 + 1",
            "2",
        ),
        (
            "(double)(object)1.5 + 1",
            "2.5",
        ),
        (
            "{ int n = 0; int f() { n++; return n; } return f() + f() * 10 + n * 100; }",
            "221",
        ),
        (
            "{ int n = 1; int f() { n = 5; return 1; } return n + f(); }",
            "2",
        ),
        (
            '{ var log = ""; string f(string s) { log += s; return s; } var x = f("a") + (f("b") == "b" ? '
            'f("c") : f("d")) + f("e"); return log + x; }',
            "abceace",
        ),
        (
            "{ var a = new int[] {1, 2}; int i = 0; a[i++] += i; return a[0] * 10 + a[1] + i * 100; }",
            "122",
        ),
        (
            "{ int n = 0; bool t() { n++; return true; } var r = t() & t() | t(); return n; }",
            "3",
        ),
        (
            "{ int n = 0; bool t() { n++; return true; } var r = t() || t(); return n; }",
            "1",
        ),
        (
            'int.TryParse("12", out var x) ? x + 1 : -1',
            "13",
        ),
        (
            'int.TryParse("zz", out int x) ? x : -1',
            "-1",
        ),
        (
            '{ if (!int.TryParse("4", out var x)) return -1; return x; }',
            "4",
        ),
        (
            '{ string a = "k"; return a ?? throw new Exception("no"); }',
            "k",
        ),
        (
            'context.Variables.GetValueOrDefault<int>("number") + (int)context.Variables["number"]',
            "14",
        ),
        (
            'context.Variables["text"] == string.Empty',
            "False",
        ),
    ],
)
def test_value(vm: LuaRuntime, text: str, value: str) -> None:
    """What the expression is worth."""
    assert evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'context.Request.Headers.GetValueOrDefault("x").Length',
            "Object reference not set to an instance of an object.",
        ),
        (
            '{ string a = null; return a ?? throw new Exception("no"); }',
            "no",
        ),
        (
            "{ int? a = null; return a.Value; }",
            "Nullable object must have a value.",
        ),
        (
            "(int)(object)1.5",
            "Unable to cast object of type 'double' to type 'int'.",
        ),
        (
            "{ object o = null; return (int)o; }",
            "Object reference not set",
        ),
        (
            "{ Func<int> f = null; return f(); }",
            "Object reference not set",
        ),
    ],
)
def test_exception(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws is raised."""
    with pytest.raises(Thrown, match=re.escape(message)):
        evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES)
