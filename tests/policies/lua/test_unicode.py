"""Characters: categories and case, as Python's copy of the Unicode Character Database has them."""

from __future__ import annotations

import unicodedata

from lupa.luajit21 import LuaRuntime

CATEGORIES = [
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "Mn",
    "Mc",
    "Me",
    "Nd",
    "Nl",
    "No",
    "Zs",
    "Zl",
    "Zp",
    "Cc",
    "Cf",
    "Cs",
    "Co",
    "Pc",
    "Pd",
    "Ps",
    "Pe",
    "Pi",
    "Pf",
    "Po",
    "Sm",
    "Sc",
    "Sk",
    "So",
    "Cn",
]
"""In the order of .NET's UnicodeCategory."""
NEWER = {"Cn"}
"""What one version leaves unassigned, a later one may assign."""


def test_categories(vm: LuaRuntime) -> None:
    """Of every unit that both versions of the database know; few characters ever change."""
    category = vm.eval(b"R.category")
    different = []
    for unit in range(0x10000):
        ours, pythons = CATEGORIES[category(unit)], unicodedata.category(chr(unit))
        if ours != pythons and ours not in NEWER and pythons not in NEWER:
            different.append(hex(unit))
    assert len(different) < 10, different


def test_case(vm: LuaRuntime) -> None:
    """Simple mappings: Python's, where it maps to one character. The Turkish letters stay, as in .NET."""
    upper, lower = vm.eval(b"R.upper_unit"), vm.eval(b"R.lower_unit")
    for unit in range(0x10000):
        letter = chr(unit)
        if unicodedata.category(letter) == "Cn" or unit in {0x130, 0x131}:
            continue
        for ours, pythons in ((upper(unit), letter.upper()), (lower(unit), letter.lower())):
            if ours == unit:
                # Full mappings, and letters that newer versions know.
                assert len(pythons) > 1 or pythons == letter or unit > 0xA000, hex(unit)
            elif len(pythons) == 1:
                assert chr(ours) == pythons, hex(unit)
    assert (upper(0x131), lower(0x130)) == (0x131, 0x130)


def test_questions(vm: LuaRuntime) -> None:
    """char.IsX, of the examples on the .NET pages "Char.IsPunctuation", "Char.IsSymbol" and others."""
    yes = {
        "is_letter": "aÉж中", "is_digit": "0٣", "is_number": "7¾Ⅷ", "is_upper": "AÉ", "is_lower": "aß",
        "is_symbol": "+$^`~<",
        "is_punctuation": ".!-_(", "is_separator": " \u2028", "is_control": "\t\x7f",
        "is_white_space": " \t\u00a0\u2003\u0085",
        "is_letter_or_digit": "a7",
    }  # fmt: skip
    no = {
        "is_letter": "1-", "is_digit": "a¾", "is_number": "a", "is_upper": "a1", "is_lower": "A1", "is_symbol": "a.",
        "is_punctuation": "+a", "is_separator": "\t", "is_control": " ", "is_white_space": "a\u200b",
        "is_letter_or_digit": "_",
    }  # fmt: skip
    for expected, table in ((True, yes), (False, no)):
        for question, letters in table.items():
            for letter in letters:
                assert vm.eval(f"R.{question}".encode())(ord(letter)) is expected, (question, letter)
    assert vm.eval(b"R.numeric_value")(ord("٣")) == 3
    assert vm.eval(b"R.numeric_value")(ord("a")) == -1
