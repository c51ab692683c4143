"""Regular expressions by whole expressions.

Values: the .NET reference pages of Regex, Match and Group; the page "API Management policy expressions".
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Regex.Match("public, max-age=60", @"max-age=(?<maxAge>\\d+)").Groups["maxAge"]?.Value', "60"),
        ('Regex.Match("none", @"max-age=(?<maxAge>\\d+)").Groups["maxAge"].Value', ""),
        ('Regex.Match("ab12", "[0-9]+").Value', "12"),
        ('Regex.IsMatch("ABC", "^[a-z]+$", RegexOptions.IgnoreCase).ToString()', "True"),
        ('Regex.IsMatch("a\\nb", "a.b", RegexOptions.IgnoreCase | RegexOptions.Singleline).ToString()', "True"),
        ('Regex.Replace("a1b22", "[0-9]+", "#")', "a#b#"),
        ('Regex.Replace("John Smith", @"(\\w+)\\s(\\w+)", "$2, $1")', "Smith, John"),
        ('Regex.Replace("abc", "[a-c]", m => m.Value.ToUpper() + m.Index)', "A0B1C2"),
        ('string.Join("|", Regex.Split("a1b2c", "[0-9]"))', "a|b|c"),
        ('string.Join(",", Regex.Matches("a1b22", "[0-9]+").Cast<Match>().Select(m => m.Value))', "1,22"),
        ('Regex.Matches("aaa", "a").Count.ToString()', "3"),
        ('Regex.Matches("ab", ".")[1].Value', "b"),
        ('new Regex("b+").Match("abbb").Length.ToString()', "3"),
        ('new Regex("b+", RegexOptions.IgnoreCase).Replace("aBb", "-")', "a-"),
        ('new Regex("a").Replace("aaa", "b", 2)', "bba"),
        ('Regex.Match("ab", "(a)(b)").Groups[2].Value', "b"),
        ('Regex.Match("ab", "(a)(b)").Groups.Count.ToString()', "3"),
        ('Regex.Match("ab", "(a)|(b)").Groups[2].Success.ToString()', "False"),
        ('Regex.Match("ab", "(.)+").Groups[1].Captures.Count.ToString()', "2"),
        ('Regex.Match("ab", ".").NextMatch().Value', "b"),
        ('Regex.Match("ab", "(?<x>a)").Result("[${x}]")', "[a]"),
        ('Regex.Escape("a.b")', "a\\.b"),
        ('new Regex("a+").ToString()', "a+"),
        ('Regex.Match("b", "a").Success ? "yes" : "no"', "no"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What expressions give."""
    assert evaluate(text, vm=vm) == expected


def test_timeouts(vm: LuaRuntime) -> None:
    """A match that takes longer than it may is an exception; the request's own budget holds besides."""
    limit = "RegexOptions.None, TimeSpan.FromMilliseconds({})"
    quick = 'Regex.IsMatch("aaa", "a+$", ' + limit.format(5000) + ").ToString()"
    assert evaluate(quick, vm=vm) == "True"
    slow = 'new Regex("^(a+)+$", ' + limit.format(1) + ").IsMatch(new string('a', 60) + \"!\").ToString()"
    vm.execute(b"R.refill()")
    with pytest.raises(Thrown, match="The Regex engine has timed out"):
        evaluate(slow, vm=vm)
    vm.execute(b"R.refill()")
    with pytest.raises(Thrown, match="matchTimeout"):
        evaluate(slow.replace("FromMilliseconds(1)", "FromMilliseconds(-5)"), vm=vm)


def test_a_pattern_that_comes_with_the_request(vm: LuaRuntime) -> None:
    """It is read when it is met, and a bad one is an exception."""
    text = 'Regex.IsMatch("abc", context.Request.Headers.GetValueOrDefault("x-p", "")).ToString()'
    assert evaluate(text, vm=vm, request=(("x-p", "b."),)) == "True"
    with pytest.raises(Thrown, match=r"Not enough \)'s"):
        evaluate(text, vm=vm, request=(("x-p", "("),))
