"""C# text to trees: what is read, and what is refused with which place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import parse, parse_statements, parsed, placed
from strategies import code, messy_text
from tidegate.diagnostics import Found
from tidegate.policies.expressions import parse_block, parse_expression, print_block, print_expression
from tidegate.policies.expressions.parse import MAX_DEPTH, MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("context . Request", "context.Request"),
        ("((a))", "a"),
        ("(a + b) + c", "a + b + c"),
        ("a + (b + c)", "a + (b + c)"),
        ("a - (b - c)", "a - (b - c)"),
        ("a + b * c - d % e", "a + b * c - d % e"),
        ("(a + b) * c", "(a + b) * c"),
        ("a << 1 + b >> c", "a << 1 + b >> c"),
        ("a & b | c ^ d", "a & b | c ^ d"),
        ("(a | b) & c", "(a | b) & c"),
        ("a ?? b ?? c", "a ?? b ?? c"),
        ("(a ?? b) ?? c", "(a ?? b) ?? c"),
        ("a?.b.c", "a?.b.c"),
        ("(a?.b).c", "(a?.b).c"),
        ("a?.b?.c(d?.e)[0]", "a?.b?.c(d?.e)[0]"),
        ("a?[0].b", "a?[0].b"),
        ("a?[0]?[1]", "a?[0]?[1]"),
        ("!a && b || c == null ? 1 : -2", "!a && b || c == null ? 1 : -2"),
        ("a ? b : c ? d : e", "a ? b : c ? d : e"),
        ("(a ? b : c) == d", "(a ? b : c) == d"),
        ("a == b?.c", "a == b?.c"),
        ("(a == b)?.c", "(a == b)?.c"),
        ("a && b?.c == d || e", "a && b?.c == d || e"),
        ("a ?? (b)?.c() ?? d", "a ?? b?.c() ?? d"),
        ('"x" + ((T)b["x"])?.c.d + e', '"x" + ((T)b["x"])?.c.d + e'),
        ("a < b == c > d", "a < b == c > d"),
        ("!a?.b", "!a?.b"),
        ("(!a)?.b", "(!a)?.b"),
        ("(string)a?.b", "(string)a?.b"),
        ("(string)a.b", "(string)a.b"),
        ("((string)a).b", "((string)a).b"),
        ("(a)-b", "a - b"),
        ("(a)(-b)", "(a)(-b)"),
        ("(int)-b", "(int)(-b)"),
        ("(int[])b", "(int[])b"),
        ("(int?)b", "(int?)b"),
        ("(A.B<C>)d", "(A.B<C>)d"),
        ("(Jwt)a.B<Jwt>(c)", "(Jwt)a.B<Jwt>(c)"),
        ("((Jwt)a.B<Jwt>(c) ?? d).e", "((Jwt)a.B<Jwt>(c) ?? d).e"),
        ("a < b && c > d", "a < b && c > d"),
        ("f(a < b, c > d)", "f(a < b, c > d)"),
        ("f(a<b, c>(d))", "f(a<b, c>(d))"),
        ("a.B<C>.D", "a.B<C>.D"),
        ("List<int>.Empty", "List<int>.Empty"),
        ("- -a", "-(-a)"),
        ("-(-1)", "-(-1)"),
        ("-2147483648", "-2147483648"),
        ("-9223372036854775808", "-9223372036854775808L"),
        ("~a + +b", "~a + +b"),
        ("a++ + ++b - c--", "a++ + ++b - c--"),
        ("a is string", "a is string"),
        ("a is string b && c", "a is string b && c"),
        ("a is int ? b : c", "a is int ? b : c"),
        ("a is int?", "a is int?"),
        ("a as string ?? b", "a as string ?? b"),
        ("a is null", "a == null"),
        ("a = b = c", "a = b = c"),
        ("a[0] += b >>= c", "a[0] += b >>= c"),
        ("x => x + 1", "x => x + 1"),
        ("(x, y) => { return x; }", "(x, y) => { return x; }"),
        ("(int x) => y => x", "(int x) => y => x"),
        ("() => 1", "() => 1"),
        ("new A()", "new A()"),
        ("new A { B = 1, C = {D = 2} }", "new A() {B = 1, C = {D = 2}}"),
        ('new D<string, int> { {"a", 1}, ["b"] = 2, c }', 'new D<string, int>() {{"a", 1}, ["b"] = 2, c}'),
        ("new { a, b = 1, c.D }", "new { a = a, b = 1, D = c.D }"),
        ("new byte[16]", "new byte[16]"),
        ("new byte[2][]", "new byte[2][]"),
        ("new string[0]", "new string[0]"),
        ('new string[] {"a",}', 'new string[] {"a"}'),
        ("new [] {a, b,}", "new [] {a, b}"),
        ("typeof(int[]).Name", "typeof(int[]).Name"),
        ("default(int) + checked(a)", "default(int) + checked(a)"),
        ("unchecked((int)a)", "unchecked((int)a)"),
        ("f(a: 1, out var b, out int c, out d)", "f(a: 1, out var b, out int c, out d)"),
        ("a[1, 2]", "a[1, 2]"),
        ("a ?? throw new E()", "a ?? throw new E()"),
        ("@class.@a", "@class.a"),
        ('@"a""b\\"', '"a\\"b\\\\"'),
        (r'"\t\x41\u0042\U00000043\0\a"', r'"\tABC\0\U00000007"'),
        (r'"\ud83d\ude00"', '"😀"'),
        (r"'a' + '\'' + '\u0041' + '\\'", r"'a' + '\'' + 'A' + '\\'"),
        ('$"a{b}{{c}}{(d ? e : f)}"', '$"a{b}{{c}}{(d ? e : f)}"'),
        ('$@"a""{b}\\"', '$"a\\"{b}\\\\"'),
        ('@$"{a}"', '$"{a}"'),
        ('$"{a,-5:yyyy-MM} {b:N2}{c,3}"', '$"{a,-5:yyyy-MM} {b:N2}{c,3}"'),
        ('$"{$"{a}"}{f("}")}"', '$"{$"{a}"}{f("}")}"'),
        ('$"{{{a}}}"', '$"{{{a}}}"'),
        ('$""', '$""'),
        ('$"😀{a}é"', '$"😀{a}é"'),
        ("0x1F + 1_000 + 0b101 + 5L + 6U + 7ul", "31 + 1000 + 5 + 5L + 6U + 7UL"),
        ("1.5 + .5 + 1e3 + 2f + 3d + 1.50m", "1.5d + 0.5d + 1000.0d + 2.0f + 3.0d + 1.50m"),
        ("4294967295 + 4294967296", "4294967295U + 4294967296L"),
        ("a?.5:1", "a ? 0.5d : 1"),
        ("/* a */ b // c", "b"),
        ("a\n  .b(\n c)", "a.b(c)"),
        ("string.Empty", "string.Empty"),
        ("System.Text.Encoding.UTF8", "System.Text.Encoding.UTF8"),
    ],
)
def test_accepted(text: str, printed: str) -> None:
    """The tree means what the text means: printed, it is the text in its plainest form."""
    tree = parsed(text)
    assert print_expression(tree) == printed
    assert parsed(printed) == tree


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("var a = 1; int b, c = 2; const string d = \"x\"; ;", 'var a = 1; int b, c = 2; const string d = "x";'),
        ("int[] a = {1, 2};", "int[] a = {1, 2};"),
        ("List<int> a = b; A.B c;", "List<int> a = b; A.B c;"),
        ("a < b > c;", "a<b> c;"),
        ("if (a) b(); else if (c) { d(); } else e();", "if (a) b(); else if (c) { d(); } else e();"),
        ("if (a) if (b) c(); else d();", "if (a) if (b) c(); else d();"),
        ("if (a) { if (b) c(); } else d();", "if (a) { if (b) c(); } else d();"),
        ("while (a) { break; } do continue; while (b);", "while (a) { break; } do continue; while (b);"),
        ("for (int i = 0, j = 1; i < 3; i++, j--) ;", "for (int i = 0, j = 1; i < 3; i++, j--) { }"),
        ("for (;;) { }", "for (; ; ) { }"),
        ("for (a = 1, b(); ; ) { }", "for (a = 1, b(); ; ) { }"),
        ("foreach (var a in b) foreach (int c in d) e();", "foreach (var a in b) foreach (int c in d) e();"),
        ("try { } catch (E e) when (a) { throw; } catch { } finally { }",
         "try { } catch (E e) when (a) { throw; } catch { } finally { }"),
        ("using (var a = new B()) { } using (c) d();", "using (var a = new B()) { } using (c) d();"),
        ("switch (a) { case 1: case 2: b(); break; default: return; }",
         "switch (a) { case 1: case 2: b(); break; default: return; }"),
        ("int f(int a, string b = \"c\") { return a; } void g() => h();",
         'int f(int a, string b = "c") { return a; } void g() => h();'),
        ("checked { a += 1; } unchecked { } checked(a)(b);", "checked { a += 1; } unchecked { } checked(a)(b);"),
        ("throw new E(); return a ?? b; return;", "throw new E(); return a ?? b; return;"),
        ("var = 1; var.b();", "var = 1; var.b();"),
        ("a.b(); a?.b(); a[0] = 1; a++; new A();", "a.b(); a?.b(); a[0] = 1; a++; new A();"),
        ("{ { } }", "{ { } }"),
    ],
)  # fmt: skip
def test_statements(text: str, printed: str) -> None:
    """The same of what stands in `@{...}`."""
    tree = parse_statements(text)
    assert tree is not None
    assert print_block(tree) == printed
    assert parse_statements(printed) == tree


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1 TG3001 the expression is not C#: it is empty"),
        ("  // nothing", "1 TG3001 the expression is not C#: it is empty"),
        ("a.", "3 TG3001 the expression is not C#: it ends too early: a name is missing"),
        ("a b", "3 TG3001 the expression is not C#: `b` does not belong here"),
        ('"a', "1 TG3001 the expression is not C#: a string has no end on its line"),
        ('@"a', '1 TG3001 the expression is not C#: a verbatim string @" has no end'),
        ("'ab'", "1 TG3001 the expression is not C#: a character literal is one character between quotes"),
        ("/* a", "1 TG3001 the expression is not C#: a comment `/*` has no `*/`"),
        ("a # b", "3 TG3001 the expression is not C#: `#` does not belong here"),
        (r'"\q"', r"1 TG3001 the expression is not C#: `\q` is no escape; write `\\` for a backslash"),
        ('$"{a', "3 TG3001 the expression is not C#: a hole `{` of a string has no `}`"),
        ('$"}"', "3 TG3001 the expression is not C#: a brace that means itself is doubled: `}}`"),
        ('$"{}"', "4 TG3001 the expression is not C#: it ends too early: a value is missing"),
        ("a) + (b", "2 TG3001 the expression is not C#: `)` does not belong here"),
        ("a); } class D { M(b", "2 TG3001 the expression is not C#: `)` does not belong here"),
        ("f(a, )", "6 TG3001 the expression is not C#: `)` does not belong here: a value is missing"),
        ("a[]", "2 TG3001 the expression is not C#: an index is missing"),
        ("new A", "6 TG3001 the expression is not C#: it ends too early: `(` is missing"),
        ("new { a.b() }",
         "7 TG3001 the expression is not C#: a field of an anonymous object needs a name: `name = value`"),
        ("0x", "2 TG3001 the expression is not C#: `x` does not belong here"),
        ("1_", "1 TG3001 the expression is not C#: `1_` is not a number"),
        ("18446744073709551616", "1 TG3001 the expression is not C#: `18446744073709551616` has more than 64 bits"),
        ("1e999", "1 TG3001 the expression is not C#: `1e999` is outside of double"),
        ("(a, b)", "1 TG3002 a tuple is not supported in expressions"),
        ("this.a", "1 TG3002 `this` is not supported in expressions"),
        ("from a in b select a", "1 TG3002 `from` is not supported in expressions"),
        ("async () => 1", "1 TG3002 `async` is not supported in expressions"),
        ("a is 1", "6 TG3002 a pattern is not supported in expressions"),
        ("a is var b", "6 TG3002 a pattern is not supported in expressions"),
        ("a ??= b", "3 TG3002 `??=` is not supported in expressions"),
        ("new()", "1 TG3002 `new` without a type is not supported in expressions"),
        ("new int[1, 2]", "1 TG3002 an array of several dimensions is not supported in expressions"),
        ("f(ref a)", "3 TG3002 `ref` is not supported in expressions"),
        ("a!.b", "2 TG3002 `!` behind a value is not supported in expressions"),
        (r'"\ud83d"', "1 TG3002 half of a surrogate pair in a string is not supported in expressions"),
        ("1.12345678901234567890123456789m",
         "1 TG3002 the number `1.12345678901234567890123456789m` is not supported in expressions"),
        ('"é😀" + a.', "10 TG3001 the expression is not C#: it ends too early: a name is missing"),
    ],
)  # fmt: skip
def test_refused(text: str, problem: str) -> None:
    """What is not read is named with its own column, whatever stands before it."""
    found = Found()
    assert parse(text, found) is None
    assert [f"{d.span.column} {d.code.code} {d.message}" for d in found if d.span] == [problem]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a;", "1 TG3001 the expression is not C#: only a call, an assignment or a step can be a statement"),
        ("return 1", "9 TG3001 the expression is not C#: it ends too early: `;` is missing"),
        ("if (a) { b();", "14 TG3001 the expression is not C#: it ends too early: `}` is missing"),
        ("if (a) int b = 1;", "8 TG3001 the expression is not C#: a declaration needs a block around it"),
        ("try { }", "8 TG3001 the expression is not C#: it ends too early: `catch` or `finally` is missing"),
        ("goto a;", "1 TG3002 `goto` is not supported in expressions"),
        ("a: b();", "1 TG3002 a label is not supported in expressions"),
        ("yield return 1;", "1 TG3002 `yield` is not supported in expressions"),
        ("using var a = b;", "1 TG3002 a `using` declaration is not supported in expressions"),
        ("T f<T>(T a) => a;", "3 TG3002 a generic local function is not supported in expressions"),
        ("switch (a) { case int b: break; }", "19 TG3002 a pattern is not supported in expressions"),
        ("void f(params int[] a) { }", "8 TG3002 a parameter with `params` is not supported in expressions"),
    ],
)  # fmt: skip
def test_refused_statements(text: str, problem: str) -> None:
    """One finding, at its place."""
    found = Found()
    assert parse_statements(text, found) is None
    assert [f"{d.span.column} {d.code.code} {d.message}" for d in found if d.span] == [problem]


def test_spans_cut_out_what_they_name() -> None:
    """Columns count characters, also behind characters of several bytes."""
    tree = parsed('"é😀" + context.Foo')
    assert (tree.span.column, tree.span.end_column) == (1, 19)
    right = tree.right  # type: ignore[union-attr]  # a Binary
    assert (right.span.column, right.name_span.column) == (8, 16)  # type: ignore[union-attr]  # a Member


def test_limits() -> None:
    """Length, depth and width are bounded, with a diagnostic and no exhausted stack."""
    for text, code_ in (
        ('"' + "a" * MAX_LENGTH + '"', "TG3003"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "TG3004"),
        ("a" + " + a" * 500, "TG3002"),
        ("f(" + ", ".join("a" * 101) + ")", "TG3002"),
        ("!" * 20_000 + "a", "TG3004"),
        ("[" * 20_000, "TG3001"),
        ("(" * 20_000, "TG3004"),
        ("a" + "?.b" * 5_000, "TG3004"),
        ("a => " * 5_000 + "a", "TG3004"),
        ("new [] {" * 3_000, "TG3004"),
        ('$"{' * 3_000, "TG3001"),
        ("List<" * 5_000, "TG3002"),
    ):
        found = Found()
        assert parse(text, found) is None
        assert [d.code.code for d in found] == [code_], text[:20]
    for text in ("{" * 10_000, "if (a) " * 4_000 + "b();", "while (a) " * 3_000 + "b();"):
        found = Found()
        assert parse_statements(text, found) is None
        assert [d.code.code for d in found] == ["TG3004"]


_SIGNS = st.text(st.sampled_from("ab.?[]()\"'$@{}!&|=<>+-,:;new0is "), max_size=30)


@given(st.one_of(messy_text, code, _SIGNS))
def test_any_text_gives_a_tree_or_diagnostics(text: str) -> None:
    """Nothing else ever leaves the parser."""
    found = Found()
    tree = parse_expression(placed(text), found=found)
    assert (tree is None) == found.has_errors
    if tree is not None:
        assert parsed(print_expression(tree)) == tree


_WORDS = st.lists(
    st.sampled_from([
        "if", "else", "while", "for", "foreach", "do", "try", "catch", "finally", "return", "break", "continue",
        "switch", "case", "default", "using", "var", "int", "new", "throw", "in", "out", "a", "b", "c", "1", '"x"', "(",
        ")", "{", "}", "[", "]", "<", ">", ";", ";", ",", ".", "?", ":", "=", "==", "=>", "+", "++", "!",
    ]),
    max_size=25,
).map(" ".join)  # fmt: skip


@given(st.one_of(messy_text, code, _SIGNS, _WORDS))
def test_any_text_gives_statements_or_diagnostics(text: str) -> None:
    """The same of blocks."""
    found = Found()
    tree = parse_block(placed(text), found=found)
    assert (tree is None) == found.has_errors
    if tree is not None:
        assert parse_statements(print_block(tree) or ";") == tree
