"""Collections and LINQ by whole expressions.

Values: the .NET reference pages of Enumerable, List<T>, Dictionary<TKey, TValue> and Array; documents of
Azure/api-management-policy-snippets show which of them policies use.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, problems, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('string.Join(",", new[] {"b", "a", "c"}.OrderBy(x => x))', "a,b,c"),
        ('string.Join(",", new[] {3, 1, 2}.OrderByDescending(x => x).Select(x => x * 2))', "6,4,2"),
        ('string.Join(",", "a=1; b=2".Split(\';\').Select(x => x.Trim().Split(\'=\')).Where(p => p[0] == "b")'
         '.Select(p => p[1]))', "2"),
        ('"a=1;b=2".Split(\';\').Select(x => x.Split(\'=\')).Single(p => p[0] == "a")[1]', "1"),
        ('"a;b".Split(\';\').SingleOrDefault(x => x == "c") ?? "none"', "none"),
        ('new[] {"POST", "PUT"}.Contains("post", StringComparer.OrdinalIgnoreCase).ToString()', "True"),
        ('Array.Exists(new[] {"a", "sendEmail"}, element => element == "sendEmail").ToString()', "True"),
        ('Array.IndexOf(new[] {"a", "b"}, "b").ToString()', "1"),
        ('new[] {1, 2, 3}.Sum().ToString()', "6"),
        ('new[] {1, 2, 4}.Average().ToString()', "2.3333333333333335"),
        ('new[] {"a", "bbb"}.Max(x => x.Length).ToString()', "3"),
        ('new[] {"a", "bbb"}.Sum(x => x.Length).ToString()', "4"),
        ('new[] {1.5, 2.5}.Sum().ToString()', "4"),
        ('new[] {1, 2, 3, 4}.Where((x, i) => i % 2 == 0).Count().ToString()', "2"),
        ('new[] {1, 2, 3}.Aggregate((a, b) => a * 10 + b).ToString()', "123"),
        ('new[] {1, 2, 3}.Aggregate("", (text, b) => text + b)', "123"),
        ('string.Join("|", new[] {"aa", "b", "cc"}.GroupBy(x => x.Length).Select(g => g.Key + ":" + g.Count()))',
         "2:2|1:1"),
        ('new[] {"a", "b"}.ToDictionary(x => x, x => x + x)["b"]', "bb"),
        ('string.Join(",", new Dictionary<string, int> { {"x", 1}, {"y", 2} }.Select(p => p.Key + p.Value))', "x1,y2"),
        ('new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { {"Key", "v"} }["kEY"]', "v"),
        ('string.Join(",", Enumerable.Range(1, 3))', "1,2,3"),
        ('string.Join("", Enumerable.Repeat("ab", 2))', "abab"),
        ('string.Join(",", new List<string> { "b", "a" }.Concat(new[] {"c"}).Reverse())', "c,a,b"),
        ('string.Join(",", new HashSet<string> { "a", "b", "a" })', "a,b"),
        ('new string("abc".Reverse().ToArray())', "cba"),
        ('new List<int> {1, 2, 3}.Count(x => x > 1).ToString()', "2"),
        ('new List<int> {1, 2, 3}.Count.ToString()', "3"),
        ('"hello".Distinct().Count().ToString()', "4"),
        ('"a1b2".Any(char.IsDigit).ToString()', "True"),
        ('"a1b2".Count(c => c == \'a\').ToString()', "1"),
        ('Tuple.Create("a", 2).Item2.ToString()', "2"),
        ('string.Join(",", new object[] {"a", 1, "b"}.OfType<string>())', "a,b"),
        ('string.Join(",", new[] {"b", "a"}.SelectMany(x => new[] {x, x}))', "b,b,a,a"),
        ('(new int[0].FirstOrDefault() + new int[] {7}.First()).ToString()', "7"),
        ('string.Join(",", new[] {"b1", "a2", "a1"}.OrderBy(x => x[0]).ThenByDescending(x => x[1]))', "a2,a1,b1"),
        ('string.Join(",", new[] {1, 2, 3, 4}.Skip(1).Take(2).Zip(new[] {"x", "y"}, (n, s) => s + n))', "x2,y3"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What expressions give."""
    assert evaluate(text, vm=vm) == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ('{ var l = new List<string>(); l.Add("b"); l.Insert(0, "a"); l[1] = "c"; return string.Join(",", l); }',
         "a,c"),
        ('{ var d = new Dictionary<string, int>(); d["a"] = 1; d["a"] += 2; int v; return d.TryGetValue("a", out v) ? '
         'v.ToString() : "none"; }', "3"),
        ('{ var d = new Dictionary<string, int>(); return d.TryGetValue("a", out var v) ? "x" : v.ToString(); }', "0"),
        ('{ var sum = 0; foreach (var x in new List<int> {1, 2, 3}) { sum += x; } return sum.ToString(); }', "6"),
        ('{ var t = ""; foreach (var p in new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }) '
         '{ t += p.Key + p.Value; } return t; }', "a1b2"),
        ('{ var a = new[] {3, 1, 2}; Array.Sort(a); Array.Reverse(a); return string.Join(",", a); }', "3,2,1"),
        ('{ var b = new byte[3]; b[1] = 65; return b.Length + ":" + b[1]; }', "3:65"),
        ('{ var s = new HashSet<int>(); return s.Add(1) + "," + s.Add(1) + "," + s.Count; }', "True,False,1"),
    ],
)  # fmt: skip
def test_blocks(vm: LuaRuntime, block: str, expected: str) -> None:
    """Collections that change."""
    assert evaluate(block, vm=vm) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('new string[0].First()', "Sequence contains no elements"),
        ('new[] {"a", "b"}.Single()', "Sequence contains more than one element"),
        ('new[] {"a"}.First(x => x == "b")', "Sequence contains no matching element"),
        ('new List<string>()[0]', "Index was out of range. Must be non-negative and less than the size of the "
         "collection. (Parameter 'index')"),
        ('new Dictionary<string, string>()["a"]', "The given key 'a' was not present in the dictionary."),
        ('new[] {"a", "a"}.ToDictionary(x => x)["a"]', "An item with the same key has already been added. Key: a"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, text: str, message: str) -> None:
    """What they throw."""
    with pytest.raises(Thrown, match=message.replace("(", "\\(").replace(")", "\\)")):
        evaluate(text, vm=vm)


def test_types_are_checked() -> None:
    """A lambda's result, a key's type, an unknown member."""
    assert problems('new[] {"a"}.Where(x => x.Length).First()')
    assert problems("new Dictionary<string, int>()[1].ToString()")
    assert problems("new[] {1}.Frist().ToString()")
