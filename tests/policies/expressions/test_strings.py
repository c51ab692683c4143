"""What the characters of string literals mean."""

from __future__ import annotations

import pytest

from tidegate.policies.expressions.strings import (
    BadEscape,
    LoneSurrogate,
    character,
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


def test_characters() -> None:
    """One UTF-16 unit, which may be half of a pair."""
    assert [character(text) for text in ("a", r"\n", r"\u00e9", r"\ud83d", r"\0")] == [97, 10, 0xE9, 0xD83D, 0]
    for text in ("", "ab", "😀"):
        with pytest.raises(ValueError, match="one character"):
            character(text)


@pytest.mark.parametrize("text", [r"\ud83d", r"\ude00\ud83d"])
def test_what_utf8_cannot_carry(text: str) -> None:
    """Half a pair."""
    with pytest.raises(LoneSurrogate):
        unescape(text)


@pytest.mark.parametrize("text", [r"\q", r"\U00110000", r"a\ b"])
def test_what_is_no_escape(text: str) -> None:
    """C# refuses it, and so do we."""
    with pytest.raises(BadEscape):
        unescape(text)
