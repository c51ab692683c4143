"""What a plain YAML scalar means: the rules of Kubernetes, which are those of YAML 1.1 as its Go library reads them.

They differ from PyYAML's: `y` is a boolean, `1:30` is no number, a date stays text. Where the reading surprises people
(`on`, `012`), the caller warns.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_BOOLEANS: Final = {
    word: value
    for value, words in ((True, ("y", "yes", "on", "true")), (False, ("n", "no", "off", "false")))
    for name in words
    for word in (name, name.capitalize(), name.upper())
}
_NULLS: Final = ("", "~", "null", "Null", "NULL")
_LONGEST_INTEGER: Final = 100
"""64 binary digits with sign, base and some zeros. Python refuses to convert thousands of decimal ones."""
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INTEGER: Final = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<x>[0-9a-fA-F]+)|0[bB](?P<b>[01]+)|0[oO]?(?P<o>[0-7]+)|(?P<d>0|[1-9][0-9]*))"
)
_REMEMBERED: Final = 4096
_BASES: Final = {"x": 16, "b": 2, "o": 8, "d": 10}
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

PlainValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value of a plain scalar."""

    value: PlainValue
    surprise: str = ""
    """What it is read as, where that is not what most people expect; goes into the warning."""
    finite: bool = True
    """False for infinities and NaN, which JSON, and so Kubernetes, cannot hold."""


@lru_cache(maxsize=_REMEMBERED)
def resolve(text: str) -> Resolved:
    """Read a scalar written without quotes. Remembered: manifests say the same few words over and over."""
    if text in _NULLS:
        return Resolved(None)
    if text in _BOOLEANS:
        value = _BOOLEANS[text]
        plain = text.lower() in ("true", "false")
        return Resolved(value, "" if plain else f"the boolean {str(value).lower()}")
    if _NOT_FINITE.fullmatch(text):
        return Resolved(text, finite=False)
    if text[0] in "+-.0123456789":
        return _number(text)
    return Resolved(text)


def _number(text: str) -> Resolved:
    # The Go library drops underscores wherever they stand, but only after a digit or sign.
    digits = text if text[0] == "." else text.replace("_", "")
    if len(digits) <= _LONGEST_INTEGER and (match := _INTEGER.fullmatch(digits)):
        base = str(match.lastgroup)
        integer = int(match["sign"] + match[base], _BASES[base])
        # Kubernetes tries 64 bits with a sign, then without.
        if -(2**63) <= integer < 2**63 or (not match["sign"] and integer < 2**64):
            odd = digits != text or (base == "o" and digits.lstrip("+-")[1] not in "oO")
            return Resolved(integer, f"the number {integer}" if odd else "")
    if _FLOAT.fullmatch(digits) and math.isfinite(number := float(digits)):
        # A commit like 12e4 or a version like 1_0 is rarely meant as a number; 1.5 is.
        odd = digits != text or "." not in digits
        return Resolved(number, f"the number {number!r}" if odd else "")
    return Resolved(text)
