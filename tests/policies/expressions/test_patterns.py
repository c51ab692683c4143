"""Patterns that stand in a policy: refused when the policy is read, and by the same rules as at run time."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import problems, runtime
from tidegate.policies.expressions.patterns import pattern_problem


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


def at_run_time(vm: LuaRuntime, pattern: str, options: int) -> str | None:
    """What the runtime says against a pattern."""
    function = vm.eval(
        b"function(pattern, options) R.refill() local ok, problem = pcall(R.regex_parse, pattern, options)"
        b" if ok then return nil end return problem.detail or problem end"
    )
    said = function(pattern.encode("utf-8", "surrogatepass"), options)
    return None if said is None else said.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("pattern", "options", "expected"),
    [
        (r"max-age=(?<maxAge>\d+)", 0, None), (r"(a)\1", 0, None),
        (r"(a)\1", 4, "Reference to undefined group number 1."),
        (r"a # (", 32, None), (r"a # (", 0, "Not enough )'s."), ("[a-", 0, "Unterminated [] set."),
        (r"(?<n>a)\k<n>\k'n'", 0, None), ("(?<a-b>x)", 0, "Regular expressions with balancing groups are not supported "
         "here."), ("a" * 10_001, 0, "it has more than 10000 characters"), (r"\p{IsGreek}\p{L}\P{Lu}", 0, None),
        (r"(?i)a(?n:(b))(?x: c )[]a-z-[b]]", 0, None), (r"a{2,1}", 0, "Illegal {x,y} with x > y."),
    ],
)  # fmt: skip
def test_problems(pattern: str, options: int, expected: str | None) -> None:
    """What is wrong, in .NET's words."""
    assert pattern_problem(pattern, options) == expected


_PIECES = st.sampled_from(
    [*"ab([{)]}*+?|\\^$.-,12#: kdwPpx<>'=!é", "(?", "(?<n>", "(?:", "(?#", "\\k<n>", "\\p{L}", "{1,2}", "[^", "-[",
     "\\1", "\\10", "(?i)", "(?-x:", "\\x41", "\\u0041", "\\cA", "(?<=", "(?<a-", "(?("]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=9).map("".join), st.sampled_from([0, 4, 32]))
@example("[a-z-[b]c]", 0)
@example("(?<2>a)(b)(?<n>c)\\3", 0)
def test_the_runtime_agrees(vm: LuaRuntime, pattern: str, options: int) -> None:
    """A pattern that is accepted here is accepted there, and refused for the same reason."""
    here, there = pattern_problem(pattern, options), at_run_time(vm, pattern, options)
    assert (here is None) == (there is None), (here, there)
    if here is not None and there is not None:
        assert here in there or "not supported here" in here


def test_literal_patterns_are_checked() -> None:
    """In every place where one may stand; a pattern that is computed is not known yet."""
    for text in (
        'Regex.IsMatch("a", "(").ToString()',
        'Regex.Match("a", @"\\y").Value',
        'Regex.Replace("a", "[z-a]", "b")',
        'new Regex("*").Replace("a", "b")',
        'new Regex("a)", RegexOptions.IgnoreCase).Replace("a", "b")',
        'Regex.IsMatch("a", "(a)\\\\1", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase).ToString()',
    ):
        assert [p.split(" ")[1] for p in problems(text)] == ["TG3118"], text
    assert not problems('Regex.IsMatch("a", "#(", RegexOptions.IgnorePatternWhitespace).ToString()')
    assert not problems('Regex.IsMatch("a", "(" + context.Request.Method).ToString()')
    assert not problems('Regex.IsMatch("(", "a").ToString()')
