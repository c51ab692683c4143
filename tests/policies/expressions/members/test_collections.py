"""Collections, LINQ, patterns and hashes as policies write them: one line each.

Values follow from the .NET reference pages of the members that a line uses; digests are those of RFC 1321 and of
FIPS 180-4.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{ var t=""; foreach (Match m in Regex.Matches("a1b2","[0-9]")) { t += m.Value; } return t; }', "12"),
        ('{ var t=""; foreach (Group g in Regex.Match("ab","('
         'a)(b)").Groups) { t += g.Value + ";"; } return t; }', "ab;a;b;"),
        ('{ var l = new List<Dictionary<string,string>>(); l.Add(new'
         ' Dictionary<string,string>{{"a","b"}}); return l[0]["a"]; }', "b"),
        ('{ var d = new Dictionary<string, List<int>>(); d["x"] = new Li'
         'st<int>{1,2}; d["x"].Add(3); return d["x"].Sum().ToString(); }', "6"),
        ('string.Join(",", new Dictionary<string,int>{{"b",2},{"a",1}}'
         '.OrderBy(kv => kv.Key).Select(kv => $"{kv.Key}={kv.Value}"))', "a=1,b=2"),
        ('string.Join(",", new Dictionary<string,int>{{"b",2}}.Keys.ToList())', "b"),
        ('new List<string>("a,b".Split(\',\')).Count.ToString()', "2"),
        ('"a,b".Split(\',\').ToList().IndexOf("b").ToString()', "1"),
        ('"a,b".Split(\',\').Any(x => x.Equals("B", StringComparison.OrdinalIgnoreCase)).ToString()', "True"),
        ('"b,a".Split(\',\').OrderBy(x => x).First()', "a"),
        ('"a=1&b=2".Split(\'&\').Select(p => p.Split(\'=\')).ToDictionary(p => p[0], p => p[1])["b"]', "2"),
        ('"a=1&b=2".Split(\'&\').Select(p => new { k = p.Split(\'=\')[0], v = p.Spl'
         'it(\'=\')[1] }).Where(o => o.k == "b").Select(o => o.v).FirstOrDefault()', "2"),
        ('string.Concat("abc".Select(c => (char)(c + 1)))', "bcd"),
        ('string.Concat("abc".OrderByDescending(c => c))', "cba"),
        ('new string("a1b2".Where(char.IsLetter).ToArray())', "ab"),
        ('string.Join("", SHA256.Create().ComputeHash(Encoding.UT'
         'F8.GetBytes("a")).Take(2).Select(b => b.ToString("x2")))', "ca97"),
        ('BitConverter.ToString(new byte[] {1,2}.Concat(new byte[] {3}).ToArray())', "01-02-03"),
        ('new[] {1,2,3}.Contains(2) ? "y" : "n"', "y"),
        ('(new[] {1,2,3}).Min().ToString()', "1"),
        ('new[] {"a","b"}.Select((x,i) => i + x).Last()', "1b"),
        ('new int[3].Length.ToString()', "3"),
        ('new[] {new[] {1,2}, new[] {3}}.SelectMany(x => x).Sum().ToString()', "6"),
        ('{ int[] a = {3,1,2}; Array.Sort(a); return string.Join(",", a); }', "1,2,3"),
        ('new List<int>{1,2,3}.FindAll(x => x > 1).Count.ToString()', "2"),
        ('new List<int>{1,2,3}.Find(x => x > 1).ToString()', "2"),
        ('new List<string>{"a"}.Contains("a").ToString()', "True"),
        ('{ var l = new List<int>{3,1}; l.Sort(); return l[0].ToString(); }', "1"),
        ('{ var l = new List<string>{"bb","a"}; l.Sort((x, y) => x.Length - y.Length); return l[0]; }', "a"),
        ('{ var s = new HashSet<string>(StringComparer.OrdinalI'
         'gnoreCase) {"A"}; return s.Contains("a").ToString(); }', "True"),
        ('new[] {"a","b","a"}.GroupBy(x => x).OrderByDescending(g => g.Count()).First().Key', "a"),
        ('new[] {1.5m, 2m}.Sum().ToString()', "3.5"),
        ('new[] {1L, 2L}.Max().ToString()', "2"),
        ('new[] {1,2}.Average().ToString()', "1.5"),
        ('new[] {"a"}.FirstOrDefault(x => x == "z")?.Length.ToString() ?? "none"', "none"),
        ('((object)new List<string>{"a"} as List<string>).Count.ToString()', "1"),
        ('Enumerable.Range(0, 3).Select(i => i * i).Aggregate(0, (a, b) => a + b).ToString()', "5"),
        ('string.Join(",", Enumerable.Range(1,3).Reverse())', "3,2,1"),
        ('Enumerable.Empty<string>().Count().ToString()', "0"),
        ('string.Join(",", new[] {3,1,2}.OrderBy(x => x).ThenBy(x => -x).ToArray())', "1,2,3"),
        ('{ var rx = new Regex(@"^(?<a>\\w+):(?<b>\\w+)$"); var m = rx.Match("x:y"'
         '); return m.Success ? m.Groups["a"].Value + m.Groups["b"].Value : ""; }', "xy"),
        ('Regex.Replace("2020-01-02", @"(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)", "${d}/${m}/${y}")', "02/01/2020"),
        ('Regex.Replace("a.b", "\\\\.", "-")', "a-b"),
        ('Regex.Matches("a,b", "[a-z]").Cast<Match>().Select(m => m.Value).ToList().Count.ToString()', "2"),
        ('Regex.Matches("a,b", "[a-z]").Select(m => m.Value).First()', "a"),
        ('Regex.Split("a, b", @",\\s*").Length.ToString()', "2"),
        ('new HMACSHA1(Encoding.UTF8.GetBytes("k")).ComputeHash(Encoding.UTF8.GetBytes("d")).Length.ToString()', "20"),
        ('string.Concat(MD5.Create().ComputeHash(Encoding.U'
         'TF8.GetBytes("a")).Select(b => b.ToString("x2")))', "0cc175b9c0f1b6a831c399e269772661"),
        ('{ using (var sha = SHA256.Create()) { var h = sha.ComputeHash'
         '(Encoding.UTF8.GetBytes("a")); return h[0].ToString("x2"); } }', "ca"),
        ('{ var sb = new StringBuilder(); foreach (byte b in SHA1.Create().ComputeHash(Enc'
         'oding.ASCII.GetBytes("a"))) sb.Append(b.ToString("x2")); return sb.ToString(); }',
         "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ('new RijndaelManaged().KeySize.ToString()', "256"),
        ('new Tuple<string,int>("a", 1).Item1', "a"),
        ('Tuple.Create("a", 2, 3).Item3.ToString()', "3"),
        ('new KeyValuePair<string,int>("a", 1).ToString()', "[a, 1]"),
        ('new Queue<int>().Count.ToString()', "0"),
        ('new Dictionary<string,string>().TryAdd("a","b").ToString()', "True"),
        ('new Dictionary<string,string>{{"a","b"}}.ContainsValue("b").ToString()', "True"),
        ('string.Join(",", new[]{1,2}.Join(new[]{2,3}, a => a, b => b, (a, b) => a + b))', "4"),
        ('new[]{1,2,2}.ToHashSet().Count.ToString()', "2"),
        ('new List<int>{1,2,3,4}.GetRange(1,2).Count.ToString()', "2"),
        ('{ var l = new List<int>{1,4}; l.InsertRange(1, new[]{2'
         ',3}); l.RemoveRange(0,1); return string.Join(",", l); }', "2,3,4"),
        ('{ IEnumerable<string> e = new[]{"a"}; IList<string> l '
         '= e.ToList(); l.Add("b"); return l.Count.ToString(); }', "2"),
        ('{ IDictionary<string,string> d = new Dictionary<string,string>(); d.Add("a","b"); return d["a"]; }', "b"),
        ('{ ICollection<string> c = new List<string>(); c.Add("x"); return c.Contains("x").ToString(); }', "True"),
        ('new[] {"x"}.Length > 0 && new[] {"x"}[0] == "x" ? "1" : "0"', "1"),
        ('{ var arr = new string[2]; arr[0] = "a"; return (arr[1] ?? "null") + arr[0]; }', "nulla"),
        ('{ var m = new int[2][]; return m.Length.ToString(); }', "2"),
        ('HashAlgorithm.Create("SHA256").ComputeHash(new byte[0]).Length.ToString()', "32"),
        ('new[] {"b","a"}.Max()', "b"),
        ('new[] { "a", null }.Count(x => x == null).ToString()', "1"),
    ],
)  # fmt: skip
def test_lines(vm: LuaRuntime, text: str, expected: str) -> None:
    """Expressions and blocks."""
    assert evaluate(text, vm=vm) == expected
