"""What the characters of string literals mean."""

from __future__ import annotations

import pytest

from tidegate.policies.expressions.strings import (
    LoneBrace,
    LoneSurrogate,
    unescape,
    unescape_interpolated,
    unescape_verbatim,
)


def test_escapes() -> None:
    """Simple, hexadecimal, Unicode; two halves of a pair make one character."""
    assert unescape(r"\a\b\f\n\r\t\v\0\'\"\\") == "\a\b\f\n\r\t\v\0'\"\\"
    assert unescape(r"\x41\x041\u0041\U0001F600\ud83d\ude00") == "AAA😀😀"
    assert unescape_verbatim('a""\\n') == 'a"\\n'


def test_interpolated() -> None:
    """Braces are doubled, in both kinds."""
    assert unescape_interpolated(r"{{\n}}", verbatim=False) == "{\n}"
    assert unescape_interpolated(r'{{""\n}}', verbatim=True) == r'{"\n}'
    for text in ("{", "}", "{{{", "a}b"):
        with pytest.raises(LoneBrace):
            unescape_interpolated(text, verbatim=False)


@pytest.mark.parametrize("text", [r"\ud83d", r"\ude00\ud83d", r"\U00110000"])
def test_what_utf8_cannot_carry(text: str) -> None:
    """Half a pair, and what is no character at all."""
    with pytest.raises(LoneSurrogate):
        unescape(text)
