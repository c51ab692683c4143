"""Arrays, lists, dictionaries, objects, lambdas and LINQ."""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import evaluate, runtime

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
            "new [] {1, 2, 3}.Select(x => x * 2).Sum()",
            "12",
        ),
        (
            'string.Join(",", new [] {3, 1, 2}.OrderBy(x => x).Select(x => x + "!"))',
            "1!,2!,3!",
        ),
        (
            'new [] {"a", "bb"}.Where(s => s.Length > 1).First()',
            "bb",
        ),
        (
            "string.Join(\",\", \"a=1;b=2\".Split(';').Select(p => p.Split('=')).ToDictionary(p => p[0], p "
            "=> int.Parse(p[1])).Select(k => k.Key + k.Value))",
            "a1,b2",
        ),
        (
            "new [] {1, 2}.Select(x => new { a = x, b = x * 2 }).Where(o => o.a > 1).First().b",
            "4",
        ),
        (
            'new [] {"1", "2"}.Select(int.Parse).Sum()',
            "3",
        ),
        (
            "{ int twice(int x) => x * 2; return new [] {1, 2}.Select(twice).Sum(); }",
            "6",
        ),
        (
            "new [] {1, 2, 3, 4}.GroupBy(x => x % 2).Select(g => g.Key * 10 + g.Count()).Sum()",
            "14",
        ),
        (
            'new [] {1, 2}.Aggregate("", (a, x) => a + x)',
            "12",
        ),
        (
            "new [] {1.5, 2.5}.Average()",
            "2",
        ),
        (
            "\"hello\".Count(c => c == 'l')",
            "2",
        ),
        (
            "new [] {1, 2, 3}.Any(x => x > 2) && new [] {1}.All(x => x == 1)",
            "True",
        ),
        (
            '{ var l = new List<int>() {1, 2}; l.Add(3); l[0] = 9; return string.Join(",", l) + l.Count; }',
            "9,2,33",
        ),
        (
            '{ var d = new Dictionary<string, int> { {"a", 1}, ["b"] = 2 }; d["c"] = 3; d["a"]++; return '
            'd["a"] + d["b"] + d["c"] + d.Count; }',
            "10",
        ),
        (
            '{ var d = new Dictionary<string, string>(); return d.TryGetValue("x", out var v) ? v : "none"; }',
            "none",
        ),
        (
            "{ var b = new byte[3]; b[0] = 200; b[1] = (byte)(b[0] + 100); return b[0] + b[1] + b.Length; }",
            "247",
        ),
        (
            "{ byte[] b = {1, 2}; return b[1]; }",
            "2",
        ),
        (
            "{ int[][] a = new int[2][]; a[0] = new [] {1, 2}; return a[0][1] + (a[1] == null ? 10 : 0); }",
            "12",
        ),
        (
            'new object[] {1, "a", 2.5}.Length',
            "3",
        ),
        (
            'string.Format("{0}-{1}-{2}", 1, "a", 2.5)',
            "1-a-2.5",
        ),
        (
            'string.Concat(new [] {"a", "b"}) + string.Concat(1, \'c\', null)',
            "ab1c",
        ),
        (
            "(new [] {1, 2} as IEnumerable<int>).Count()",
            "2",
        ),
        (
            'new { a = 1, b = "x" }.ToString()',
            "{ a = 1, b = x }",
        ),
        (
            "{ Func<int, Func<int, int>> add = a => b => a + b; return add(2)(3); }",
            "5",
        ),
        (
            "System.Linq.Enumerable.Range(1, 3).Sum()",
            "6",
        ),
        (
            '{ IEnumerable<string> s = new List<string> {"q"}; foreach (var x in s) return x; return ""; }',
            "q",
        ),
    ],
)
def test_value(vm: LuaRuntime, text: str, value: str) -> None:
    """What the expression is worth."""
    assert evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES) == value
