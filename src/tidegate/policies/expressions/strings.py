"""What the characters of C# string literals mean (C# section 6.4.5.6)."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{1,4})|(.))", re.DOTALL)
_SIMPLE: Final = {
    "'": "'", '"': '"', "\\": "\\", "0": "\0", "a": "\a", "b": "\b",
    "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


class LoneSurrogate(ValueError):
    """The string holds half of a surrogate pair, which UTF-8 cannot carry."""


class BadEscape(ValueError):
    """A backslash stands before something that it does not escape."""


def unescape(text: str) -> str:
    """The meaning of what stands between the quotes of a regular string."""
    meaning = _ESCAPE.sub(_meaning, text) if "\\" in text else text
    if any("\ud800" <= c <= "\udfff" for c in meaning):
        # C# strings are UTF-16: two escapes may make one character.
        try:
            meaning = meaning.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise LoneSurrogate(text) from None
    return meaning


def unescape_verbatim(text: str) -> str:
    """The meaning of what stands between the quotes of a verbatim string."""
    return text.replace('""', '"')


def unescape_interpolated(text: str, *, verbatim: bool) -> str:
    """The meaning of a text between the holes of an interpolated string."""
    text = text.replace("{{", "{").replace("}}", "}")
    return unescape_verbatim(text) if verbatim else unescape(text)


def character(text: str) -> int:
    """The UTF-16 unit of what stands between the quotes of a character literal."""
    meaning = _ESCAPE.sub(_meaning, text)
    if len(meaning) != 1 or ord(meaning) > 0xFFFF:
        raise ValueError("a character literal is one character between quotes")
    return ord(meaning)


def _meaning(match: re.Match[str]) -> str:
    number = match[1] or match[2] or match[3]
    if number is None:
        if match[4] not in _SIMPLE:
            raise BadEscape(f"`{match[0]}` is no escape; write `\\\\` for a backslash")
        return _SIMPLE[match[4]]
    code = int(number, 16)
    if code > 0x10FFFF:
        raise BadEscape(f"`{match[0]}` is no character")
    return chr(code)
