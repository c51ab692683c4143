"""C# text to trees: what is read, and what is refused with which place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import parse, parsed, placed
from strategies import code, messy_text
from tidegate.diagnostics import Found
from tidegate.policies.expressions import parse_expression, print_expression
from tidegate.policies.expressions.parse import MAX_DEPTH, MAX_LENGTH


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("context . Request", "context.Request"),
        ("((a))", "a"),
        ("(a + b) + c", "a + b + c"),
        ("a + (b + c)", "a + (b + c)"),
        ("a ?? b ?? c", "a ?? b ?? c"),
        ("(a ?? b) ?? c", "(a ?? b) ?? c"),
        ("a?.b.c", "a?.b.c"),
        ("(a?.b).c", "(a?.b).c"),
        ("a?.b?.c(d?.e)[0]", "a?.b?.c(d?.e)[0]"),
        ("a?[0].b", "a?[0].b"),
        ("!a && b || c == null ? 1 : -2", "!a && b || c == null ? 1 : -2"),
        ("a ? b : c ? d : e", "a ? b : c ? d : e"),
        ("(a ? b : c) == d", "(a ? b : c) == d"),
        ("a == b?.c", "a == b?.c"),
        ("(a == b)?.c", "(a == b)?.c"),
        ("a && b?.c == d || e", "a && b?.c == d || e"),
        ("a ?? (b)?.c() ?? d", "a ?? b?.c() ?? d"),
        ('"x" + ((T)b["x"])?.c.d + e', '"x" + ((T)b["x"])?.c.d + e'),
        ("a + (string)b?.c", "a + (string)b?.c"),
        ("a == b?.c ? d : e?.f", "a == b?.c ? d : e?.f"),
        ("a < b == c > d", "a < b == c > d"),
        ("(a == b) < c", "(a == b) < c"),
        ("!a?.b", "!a?.b"),
        ("!(a)?.b.c", "!a?.b.c"),
        ("(string)a?.b", "(string)a?.b"),
        ("(string)!a.b?.c()", "(string)!a.b?.c()"),
        ("(!a)?.b", "(!a)?.b"),
        ("(string)a.b", "(string)a.b"),
        ("((string)a).b", "((string)a).b"),
        ("(Jwt)a.B<Jwt>(c)", "(Jwt)a.B<Jwt>(c)"),
        ("((Jwt)a.B<Jwt>(c) ?? d).e", "((Jwt)a.B<Jwt>(c) ?? d).e"),
        ("(string)a.B<string[]>(c) + d", "(string)a.B<string[]>(c) + d"),
        ('@"a""b\\"', '"a\\"b\\\\"'),
        (r'"\t\x41\u0042\U00000043\0\a"', r'"\tABC\0\U00000007"'),
        (r'"\ud83d\ude00"', '"😀"'),
        ('$"a{b}{{c}}{(d ? e : f)}"', '$"a{b}{{c}}{(d ? e : f)}"'),
        ('$@"a""{b}\\"', '$"a\\"{b}\\\\"'),
        ('@$"{a}"', '$"{a}"'),
        ('$"😀{a}é"', '$"😀{a}é"'),
        ("new [] {a, b,}", "new [] {a, b}"),
        ('new string[] {"a"}', 'new string[] {"a"}'),
        ("new string[0]", "new string[] {}"),
        ("new string[1] {a}", "new string[] {a}"),
        ("0x1F + 1_000", "31 + 1000"),
        ("/* a */ b // c", "b"),
        ("a\n  .b(\n c)", "a.b(c)"),
        ("string.Empty", "string.Empty"),
    ],
)
def test_accepted(text: str, printed: str) -> None:
    """The tree means what the text means: printed, it is the text in its plainest form."""
    assert print_expression(parsed(text)) == printed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1 TG3001 the expression is not C#: it is empty"),
        ("  // nothing", "1 TG3001 the expression is not C#: `// nothing` does not belong here"),
        ("a.", "1 TG3001 the expression is not C#: it ends before its bracket does"),
        ("a b", "1 TG3001 the expression is not C#: `a b` does not belong here"),
        ('"a', '3 TG3001 the expression is not C#: `"` is missing here'),
        ("a) + (b", "1 TG3001 the expression is not C#: it ends before its bracket does"),
        ("a); } class D { M(b", "1 TG3001 the expression is not C#: it ends before its bracket does"),
        ("a = 1", "1 TG3002 an assignment is not translated in expressions yet"),
        ("x => x", "1 TG3002 a lambda is not translated in expressions yet"),
        ("'c'", "1 TG3002 a character literal is not translated in expressions yet"),
        ("1.5", "1 TG3002 a number with a fraction is not translated in expressions yet"),
        ("10L", "1 TG3002 the number `10L` is not translated in expressions yet"),
        ("2147483648", "1 TG3002 the number `2147483648` is not translated in expressions yet"),
        ("a - b", "3 TG3002 the operator `-` is not translated in expressions yet"),
        ("-a", "1 TG3002 the operator `-` is not translated in expressions yet"),
        ("a is string", "1 TG3002 `is` is not translated in expressions yet"),
        ("new A()", "1 TG3002 `new` of an object is not translated in expressions yet"),
        ("new string[5]", "1 TG3002 an array with a size is not translated in expressions yet"),
        ("f(a: 1)", "3 TG3002 a named argument, `ref`, `out` or `in` is not translated in expressions yet"),
        ("a[1, 2]", "2 TG3002 an index of several values is not translated in expressions yet"),
        ('$"{a:x}"', "5 TG3002 alignment or format in an interpolated string is not translated in expressions yet"),
        (r'"\ud83d"', "1 TG3002 half of a surrogate pair in a string is not translated in expressions yet"),
        ('$"{{{a}}}"', "1 TG3002 a brace beside a hole of an interpolated string is not translated in expressions yet"),
        ("(A<B>)c", "2 TG3002 the type `A<B>` is not translated in expressions yet"),
        ('"é😀" + a.', "9 TG3001 the expression is not C#: `.` does not belong here"),
    ],
)  # fmt: skip
def test_refused(text: str, problem: str) -> None:
    """What is not read is named with its own column, whatever stands before it."""
    found = Found()
    assert parse(text, found) is None
    assert [f"{d.span.column} {d.code.code} {d.message}" for d in found if d.span] == [problem]


def test_spans_cut_out_what_they_name() -> None:
    """Columns count characters, also behind characters of several bytes."""
    tree = parsed('"é😀" + context.Foo')
    assert (tree.span.column, tree.span.end_column) == (1, 19)
    right = tree.right  # type: ignore[union-attr]  # a Binary
    assert (right.span.column, right.name_span.column) == (8, 16)  # type: ignore[union-attr]  # a Member


def test_limits() -> None:
    """Length and depth are bounded, with a diagnostic and no exhausted stack."""
    for text, code_ in (
        ('"' + "a" * MAX_LENGTH + '"', "TG3003"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "TG3004"),
        ("a" + " + a" * (MAX_DEPTH + 1), "TG3004"),
        ("!" * 20_000 + "a", "TG3004"),
    ):
        found = Found()
        assert parse(text, found) is None
        assert [d.code.code for d in found] == [code_]


@given(st.one_of(messy_text, code, st.text(st.sampled_from("ab.?[]()\"'$@{}!&|=<>+ ,:new0"), max_size=30)))
def test_any_text_gives_a_tree_or_diagnostics(text: str) -> None:
    """Nothing else ever leaves the parser."""
    found = Found()
    tree = parse_expression(placed(text), found=found)
    assert (tree is None) == found.has_errors
