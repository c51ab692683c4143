"""Statements: loops, jumps, switches, local functions."""

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
            "{ int a = 0; for (int i = 0; i < 10; i++) { if (i == 5) continue; if (i == 8) break; a += i; "
            "} return a; }",
            "23",
        ),
        (
            "{ int a = 0, i = 0; while (true) { if (++i > 3) break; a += i; } return a; }",
            "6",
        ),
        (
            "{ int i = 5; do { i--; if (i == 3) continue; } while (i > 0); return i; }",
            "0",
        ),
        (
            '{ var s = ""; foreach (var c in "ab") s += c + "-"; return s; }',
            "a-b-",
        ),
        (
            "{ var s = 0; foreach (long x in new [] {1, 2}) s += (int)x; return s; }",
            "3",
        ),
        (
            '{ var s = ""; for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) { if (j == 1) break; s '
            "+= i; } return s; }",
            "012",
        ),
        (
            "{ for (int i = 0; ; i++) if (i * i > 50) return i; }",
            "8",
        ),
        (
            "{ foreach (var x in new [] {1, 2, 3}) { if (x == 2) return x; } return 0; }",
            "2",
        ),
        (
            '{ switch (context.Request.Method) { case "POST": return 1; case "GET": case "HEAD": return 2; '
            "default: return 3; } }",
            "2",
        ),
        (
            "{ int r = 0; switch (3) { case 1: r = 1; break; default: r = 9; break; case 2: r = 2; break; "
            "} return r; }",
            "9",
        ),
        (
            "{ int r = 0; for (int i = 0; i < 3; i++) { switch (i) { case 1: continue; case 2: break; } r "
            "+= i + 1; } return r; }",
            "4",
        ),
        (
            "{ switch ('a') { case 'a': return 1; } return 2; }",
            "1",
        ),
        (
            "{ int fib(int n) => n < 2 ? n : fib(n - 1) + fib(n - 2); return fib(15); }",
            "610",
        ),
        (
            "{ return a(3); int a(int n) { return n == 0 ? 0 : b(n - 1) + 1; } int b(int n) => n == 0 ? 0 "
            ": a(n - 1) + 1; }",
            "3",
        ),
        (
            "{ int x = 1; void set(int v) { x = v; } set(5); return x; }",
            "5",
        ),
        (
            '{ string f(string a, int b = 2) => a + b; return f("x") + f("y", 3); }',
            "x2y3",
        ),
        (
            '{ const int k = 3; const string s = "a"; return s + k * 2; }',
            "a6",
        ),
        (
            "{ int a; if (true) { a = 1; } else { a = 2; } return a; }",
            "1",
        ),
        (
            "{ int a; while (true) { a = 3; break; } return a; }",
            "3",
        ),
        (
            "{ { int a = 1; } { int a = 2; return a; } }",
            "2",
        ),
        (
            '{ if (1 > 2) { return "a"; } else if (2 > 1) { return "b"; } else { return "c"; } }',
            "b",
        ),
        (
            "{ ; ; return 1; }",
            "1",
        ),
        (
            "{ var fs = new List<Func<int>>(); foreach (var i in new [] {1, 2}) fs.Add(() => i); return "
            "fs[0]() + fs[1]() * 10; }",
            "21",
        ),
        (
            "{ var fs = new List<Func<int>>(); for (int i = 0; i < 2; i++) fs.Add(() => i); return fs[0]() "
            "+ fs[1]() * 10; }",
            "22",
        ),
        (
            "{ Func<int, int> f = null; f = n => n <= 1 ? 1 : n * f(n - 1); return f(5); }",
            "120",
        ),
        (
            '{ Action<int> a = x => { }; a(1); Func<string> g = () => { return "g"; }; return g(); }',
            "g",
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
            "{ for (;;) { } }",
            "too many steps",
        ),
        (
            "{ int f(int n) => f(n + 1); return f(0); }",
            "too many steps",
        ),
        (
            "{ Func<int, int> f = null; f = n => n > 40 ? 1 : f(n + 1) + f(n + 1); return f(0); }",
            "too many steps",
        ),
        (
            "{ while (true) { try { for (;;) { } } catch { } } }",
            "too many steps",
        ),
        (
            "{ var l = new List<int> {1}; foreach (var x in l) { l.Add(2); } return 1; }",
            "Collection was modified",
        ),
    ],
)
def test_exception(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws is raised."""
    with pytest.raises(Thrown, match=re.escape(message)):
        evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES)
