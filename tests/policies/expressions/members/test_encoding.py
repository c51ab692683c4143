"""Bytes, Guid, Uri and escaping by whole expressions.

Vectors: the .NET reference of System.Text.Encoding, System.Convert, System.Guid, System.Uri, System.Net.WebUtility.
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
        ('Convert.ToBase64String(Encoding.UTF8.GetBytes("user:pass"))', "dXNlcjpwYXNz"),
        ('Encoding.UTF8.GetString(Convert.FromBase64String("dXNlcg=="))', "user"),
        ('System.Text.Encoding.UTF8.GetBytes("ä").Length', "2"),
        ('Encoding.UTF8.GetByteCount("€")', "3"),
        ('Encoding.Unicode.GetBytes("a").Length', "2"),
        ("Encoding.ASCII.GetString(new byte[] {97, 200})", "a?"),
        ('Encoding.GetEncoding("iso-8859-1").GetBytes("é")[0]', "233"),
        ("Encoding.UTF8.GetString(new byte[] {97, 98}, 0, 1)", "a"),
        ("Convert.ToHexString(new byte[] {1, 255})", "01FF"),
        ('BitConverter.ToString(new byte[] {1, 255}).Replace("-", "")', "01FF"),
        ("BitConverter.ToInt32(new byte[] {1, 0, 0, 0}, 0)", "1"),
        ("BitConverter.GetBytes(1)[0]", "1"),
        ("BitConverter.GetBytes(true)[0]", "1"),
        ('string.Join("", new byte[] {1, 171}.Select(b => b.ToString("x2")))', "01ab"),
        ("Guid.NewGuid().ToString().Length", "36"),
        ("Guid.NewGuid() == Guid.Empty", "False"),
        ("Guid.Empty == new Guid()", "True"),
        ('Guid.Parse("35918bc9-196d-40ea-9779-889d79b753f0").ToByteArray()[0]', "201"),
        ('new Guid("35918bc9-196d-40ea-9779-889d79b753f0").ToString("N")', "35918bc9196d40ea9779889d79b753f0"),
        ('new Guid(Convert.FromBase64String("yYuRNW0Z6kCXeYidebdT8A=="))', "35918bc9-196d-40ea-9779-889d79b753f0"),
        ('Guid.TryParse("x", out Guid g) ? "y" : g.ToString("B")', "{00000000-0000-0000-0000-000000000000}"),
        ('Uri.EscapeDataString("a b/c")', "a%20b%2Fc"),
        ('Uri.UnescapeDataString("a%20b")', "a b"),
        ('new Uri("https://a.b/c?d=e").Host', "a.b"),
        ('new Uri("https://a.b:8443/c?d=e").PathAndQuery', "/c?d=e"),
        ('new Uri(new Uri("http://a/b/"), "c").ToString()', "http://a/b/c"),
        ('Uri.TryCreate("http://a/b", UriKind.Absolute, out var u) ? u.AbsolutePath : "none"', "/b"),
        ('new Uri("http://a/b/c").Segments.Last()', "c"),
        ('new Uri("http://a/b").GetLeftPart(UriPartial.Authority)', "http://a"),
        ('System.Net.WebUtility.UrlEncode("a b&ä")', "a+b%26%C3%A4"),
        ('WebUtility.HtmlEncode("<a>")', "&lt;a&gt;"),
        ('HttpUtility.UrlEncode("a b&ä")', "a+b%26%c3%a4"),
        ('HttpUtility.UrlDecode("a+b%26")', "a b&"),
        ("new Random().Next(5) < 5 && new Random().Next(3, 4) == 3 && new Random().NextDouble() < 1", "True"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What each expression is worth, as text."""
    assert evaluate(f'"" + ({text})', vm=vm) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('Convert.FromBase64String("a")[0]',
         "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding "
         "characters, or an illegal character among the padding characters."),
        ('Guid.Parse("x")', "Unrecognized Guid format."),
        ('new Uri("x").Host', "Invalid URI: The format of the URI could not be determined."),
        ("new Random().Next(-1)", "'maxValue' must be greater than zero. (Parameter 'maxValue')"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws, an expression throws."""
    with pytest.raises(Thrown) as thrown:
        evaluate(f'"" + ({text})', vm=vm)
    assert str(thrown.value) == message
