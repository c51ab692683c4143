"""Escaping for URLs and HTML.

Vectors: RFC 3986 section 2; the .NET pages "Uri.EscapeDataString", "Uri.UnescapeDataString", "WebUtility.HtmlEncode",
"HttpUtility.UrlEncode"; Python's html and urllib as oracles.
"""

from __future__ import annotations

import html
from html.entities import name2codepoint
from urllib.parse import quote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from runtime_values import quoted, value

TEXTS = st.text(st.sampled_from("aZ0-._~ /?%+&é€😀\"'<>"), max_size=10)


@given(TEXTS)
def test_oracles(vm: LuaRuntime, text: str) -> None:
    """Escaping is urllib's, and undone it is the text again."""
    escaped = value(vm, f"R.escape_data_string({quoted(text)})")
    assert escaped == quote(text, safe="-._~")
    assert value(vm, f"R.unescape_data_string({quoted(escaped)})") == text
    form = value(vm, f"R.web_url_encode({quoted(text)})")
    assert unquote_plus(form) == text
    assert value(vm, f"R.url_decode({quoted(form)})") == text
    assert value(vm, f"R.http_url_encode({quoted(text)})") == "".join(
        part if i % 2 == 0 else part.lower() for i, part in enumerate(_parted(form))
    )
    markup = value(vm, f"R.html_encode({quoted(text)})")
    assert html.unescape(markup) == text
    assert value(vm, f"R.html_decode({quoted(markup)})") == text


def _parted(form: str) -> list[str]:
    """Texts and escapes by turns."""
    parts = [""]
    at = 0
    while at < len(form):
        if form[at] == "%":
            parts += [form[at : at + 3], ""]
            at += 3
        else:
            parts[-1] += form[at]
            at += 1
    return parts


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('R.escape_uri_string("http://a/b c?x=é#[1]")', "http://a/b%20c?x=%C3%A9#[1]"),
        ('R.unescape_data_string("a%20b%C3%A9%FFx%zz%")', "a bé%FFx%zz%"), ('R.unescape_data_string("a+b")', "a+b"),
        ('R.web_url_encode("a b!*()-_.~")', "a+b!*()-_.%7E"), ('R.http_url_decode("%u00e9+%41")', "é A"),
        ("R.url_decode(nil)", None),
        ("R.html_encode(\"<a href='x'>é & 😀\")", "&lt;a href=&#39;x&#39;&gt;&#233; &amp; &#128512;"),
        ('R.html_encode("€")', "€"),
        ('R.html_decode("&lt;&eacute;&#233;&#x1F600;&amp;&unknown;&apos;&#0;&")', "<éé😀&&unknown;'&#0;&"),
        ('R.html_attribute_encode("<a b=\\"c\\">")', "&lt;a b=&quot;c&quot;>"), ("R.html_decode(nil)", None),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, call: str, expected: object) -> None:
    """What stays as it is."""
    assert value(vm, call) == expected


def test_every_entity(vm: LuaRuntime) -> None:
    """All names of HTML 4.01."""
    for name, code in name2codepoint.items():
        assert value(vm, f"R.html_decode('&{name};')") == chr(code)
