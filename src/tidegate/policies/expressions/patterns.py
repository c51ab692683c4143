"""Patterns of .NET's regular expressions that stand in a policy: what is wrong with one, before anything runs.

It reads as the runtime does (lua/regex_chars.lua and regex_parse.lua, which name the sources), and says the same of the
same patterns: a property test compares them. What a pattern means is the runtime's business.

The file is long because one reader of one grammar is easier to hold against the runtime's than two halves of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

MAX_PATTERN: Final = 10_000
MAX_DEPTH: Final = 60
MAX_COUNT: Final = 2_147_483_647

EXPLICIT_CAPTURE: Final = 4
IGNORE_WHITESPACE: Final = 32

_CATEGORY_NAMES: Final = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Cn L M N P S Z C"
)
_BLOCK_NAMES: Final = (
    "BasicLatin Latin-1Supplement LatinExtended-A LatinExtended-B IPAExtensions SpacingModifierLetters "
    "CombiningDiacriticalMarks Greek GreekandCoptic Cyrillic CyrillicSupplement Armenian Hebrew Arabic Devanagari "
    "Thai Georgian HangulJamo LatinExtendedAdditional GreekExtended GeneralPunctuation CurrencySymbols Arrows "
    "MathematicalOperators BoxDrawing Hiragana Katakana CJKUnifiedIdeographs HangulSyllables PrivateUse "
    "HighSurrogates LowSurrogates"
)
_PROPERTIES: Final = frozenset((*_CATEGORY_NAMES.split(), *(f"Is{name}" for name in _BLOCK_NAMES.split())))
_SIMPLE: Final = {ord(letter): code for letter, code in zip("abefnrtv", (7, 8, 27, 12, 10, 13, 9, 11), strict=True)}
_WORD: Final = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Nd", "Pc"))
_FLAGS: Final = frozenset(map(ord, "imnsx"))


def pattern_problem(pattern: str, options: int = 0) -> str | None:
    """What .NET, or the runtime, says against the pattern; None if it is one. `options` are RegexOptions."""
    data = pattern.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]
    if len(units) > MAX_PATTERN:
        return f"it has more than {MAX_PATTERN} characters"
    reader = _Reader(units, bool(options & EXPLICIT_CAPTURE), bool(options & IGNORE_WHITESPACE))
    try:
        reader.whole()
        # Twice, as which groups there are decides what a backslash with digits means.
        reader.count()
        reader.whole()
    except _Problem as problem:
        return str(problem)
    return None


class _Problem(Exception):
    """What is wrong with the pattern."""


@dataclass(slots=True)
class _Reader:
    units: list[int]
    explicit: bool
    blank: bool
    """IgnorePatternWhitespace, as far as the reading has come; so is `explicit`."""
    at: int = 0
    depth: int = 0
    automatic: int = 0
    given: set[int] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    numbers: set[int] | None = None
    """Of all groups, once they are known."""

    # -- letters

    def peek(self, offset: int = 0) -> int:
        """The unit there, -1 behind the end."""
        at = self.at + offset
        return self.units[at] if at < len(self.units) else -1

    def take(self, letter: str) -> bool:
        if self.peek() != ord(letter):
            return False
        self.at += 1
        return True

    def looking_at(self, text: str) -> bool:
        return self.units[self.at : self.at + len(text)] == [ord(c) for c in text]

    def shown(self, start: int, end: int) -> str:
        data = b"".join(unit.to_bytes(2, "little") for unit in self.units[start:end])
        return data.decode("utf-16-le", "replace")

    def number(self) -> int | None:
        value: int | None = None
        while _is_digit(self.peek()):
            value = (value or 0) * 10 + self.peek() - 48
            if value > MAX_COUNT:
                raise _Problem("Capture group numbers must be less than or equal to Int32.MaxValue.")
            self.at += 1
        return value

    def hexadecimal(self, count: int) -> int:
        value = 0
        for _ in range(count):
            c = self.peek()
            if not (0 <= c < 128 and chr(c) in "0123456789abcdefABCDEF"):
                raise _Problem("Insufficient or invalid hexadecimal digits.")
            value = value * 16 + int(chr(c), 16)
            self.at += 1
        return value

    def name(self, stop: str) -> str | int:
        start = self.at
        number = self.number() if _is_digit(self.peek()) else None
        if number is None:
            while _is_word(self.peek()):
                self.at += 1
        bad = _Problem("Invalid group name: Group names must begin with a word character.")
        if self.at == start:
            raise bad
        name: str | int = self.shown(start, self.at) if number is None else number
        if self.peek() == ord("-"):
            raise _unsupported("balancing groups")
        if not self.take(stop):
            raise bad
        return name

    # -- characters

    def property_name(self) -> None:
        start = self.at + 1
        if not self.take("{"):
            raise _Problem("Incomplete \\p{X} character escape.")
        while self.peek() not in (-1, ord("}")):
            self.at += 1
        name = self.shown(start, self.at)
        if not self.take("}"):
            raise _Problem("Incomplete \\p{X} character escape.")
        if name not in _PROPERTIES:
            raise _Problem(f"Unknown property '{name}'.")

    def class_escape(self) -> bool:
        """Whether a class stands here, behind the backslash: it is read then."""
        c = self.peek()
        if 0 <= c < 128 and chr(c) in "dDwWsSpP":
            self.at += 1
            if chr(c) in "pP":
                self.property_name()
            return True
        return False

    def char_escape(self) -> int:
        c = self.peek()
        if c == -1:
            raise _Problem("Illegal \\ at end of pattern.")
        if ord("0") <= c <= ord("7"):
            value = 0
            for _ in range(3):
                if not ord("0") <= self.peek() <= ord("7"):
                    break
                value = value * 8 + self.peek() - 48
                self.at += 1
            return value % 256
        self.at += 1
        match c:
            case 0x78:
                return self.hexadecimal(2)
            case 0x75:
                return self.hexadecimal(4)
            case 0x63:
                return self.control()
        if c in _SIMPLE:
            return _SIMPLE[c]
        if _is_word(c):
            raise _Problem(f"Unrecognized escape sequence \\{self.shown(self.at - 1, self.at)}.")
        return c

    def control(self) -> int:
        c = self.peek()
        if c == -1:
            raise _Problem("Missing control character.")
        if ord("a") <= c <= ord("z"):
            c -= 32
        if not 64 <= c <= 95:
            raise _Problem("Unrecognized control character.")
        self.at += 1
        return c - 64

    def set(self) -> None:
        """Behind the opening bracket."""
        self.take("^")
        first = True
        while True:
            c = self.peek()
            if c == -1:
                raise _Problem("Unterminated [] set.")
            self.at += 1
            if c == ord("]") and not first:
                return
            if c == ord("-") and self.peek() == ord("[") and not first:
                self.at += 1
                with self.deeper("sets nested so deep"):
                    self.set()
                if not self.take("]"):
                    raise _Problem("A subtraction must be the last element in a character class.")
                return
            first = False
            if c == ord("\\") and self.class_escape():
                if self.is_range():
                    raise _Problem("Cannot include class in character range.")
                continue
            low = self.char_escape() if c == ord("\\") else c
            if self.is_range():
                self.range(low)

    def is_range(self) -> bool:
        return self.peek() == ord("-") and self.peek(1) not in (-1, ord("]"), ord("["))

    def range(self, low: int) -> None:
        high = self.peek(1)
        self.at += 2
        if high == ord("\\"):
            if self.class_escape():
                raise _Problem("Cannot include class in character range.")
            high = self.char_escape()
        if high < low:
            raise _Problem("[x-y] range in reverse order.")

    # -- what is not a character

    def backreference(self, name: str | int) -> None:
        if self.numbers is None:
            return
        if isinstance(name, int) and name not in self.numbers:
            raise _Problem(f"Reference to undefined group number {name}.")
        if isinstance(name, str) and name not in self.names:
            raise _Problem(f"Reference to undefined group name {name}.")

    def escape(self) -> None:
        """Behind a backslash."""
        c = self.peek()
        if c == -1:
            raise _Problem("Illegal \\ at end of pattern.")
        if chr(c) in "ABGZbz":
            self.at += 1
            return
        if self.class_escape():
            return
        if c == ord("k"):
            self.at += 1
            stop = ">" if self.take("<") else "'" if self.take("'") else ""
            if not stop:
                raise _Problem("Malformed \\k<...> named back reference.")
            self.backreference(self.name(stop))
            return
        if ord("1") <= c <= ord("9"):
            start = self.at
            number = self.number() or 0
            if number <= 9 or self.numbers is None or number in self.numbers:
                self.backreference(number)
                return
            self.at = start
            if c > ord("7"):
                raise _Problem(f"Reference to undefined group number {number}.")
        self.char_escape()

    def inline_options(self) -> bool:
        """Options behind `(?`; whether they hold for a group of their own."""
        on = True
        while True:
            c = self.peek()
            if c in (ord("-"), ord("+")):
                on = c == ord("+")
            elif c in _FLAGS:
                if c == ord("n"):
                    self.explicit = on
                if c == ord("x"):
                    self.blank = on
            elif c in (ord(":"), ord(")")):
                self.at += 1
                return c == ord(":")
            else:
                raise _Problem("Unrecognized grouping construct.")
            self.at += 1

    def capture(self, name: str | int | None) -> None:
        match name:
            case 0:
                raise _Problem("Capture number cannot be zero.")
            case int():
                self.given.add(name)
            case str() if name not in self.names:
                self.names.append(name)
            case None:
                self.automatic += 1
        self.alternatives()

    @contextmanager
    def deeper(self, what: str) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _unsupported(what)
        yield
        self.depth -= 1

    def group(self) -> bool:
        """Behind the opening parenthesis; False for options, which match nothing by themselves."""
        with self.deeper("groups nested so deep"):
            explicit, blank = self.explicit, self.blank
            if not self.group_content():
                return False
            if not self.take(")"):
                raise _Problem("Not enough )'s.")
            self.explicit, self.blank = explicit, blank
        return True

    def group_content(self) -> bool:
        if not self.take("?"):
            if self.explicit:
                self.alternatives()
            else:
                self.capture(None)
        elif any(self.take(sign) for sign in ":>=!"):
            self.alternatives()
        elif self.looking_at("<=") or self.looking_at("<!"):
            self.at += 2
            self.alternatives()
        elif self.take("<") or self.looking_at("'"):
            stop = "'" if self.take("'") else ">"
            if self.peek() == ord("-"):
                raise _unsupported("balancing groups")
            self.capture(self.name(stop))
        elif self.peek() == ord("("):
            raise _unsupported("conditional expressions")
        elif self.inline_options():
            self.alternatives()
        else:
            return False
        return True

    def skip_blank(self) -> None:
        while True:
            c = self.peek()
            if self.looking_at("(?#"):
                while self.peek() not in (-1, ord(")")):
                    self.at += 1
                if not self.take(")"):
                    raise _Problem("Unterminated (?#...) comment.")
            elif self.blank and (c == 32 or 9 <= c <= 13):
                self.at += 1
            elif self.blank and c == ord("#"):
                while self.peek() not in (-1, 10):
                    self.at += 1
            else:
                return

    def quantifier(self) -> bool:
        if any(self.take(sign) for sign in "*+?"):
            return True
        if self.peek() != ord("{"):
            return False
        start = self.at
        self.at += 1
        low = self.number()
        high = low
        if low is not None and self.take(","):
            high = self.number()
        if low is None or not self.take("}"):
            self.at = start
            return False
        if high is not None and low > high:
            raise _Problem("Illegal {x,y} with x > y.")
        return True

    def quantified(self) -> None:
        self.skip_blank()
        if not self.quantifier():
            return
        self.take("?")
        self.skip_blank()
        start = self.at
        if self.quantifier():
            raise _Problem(f"Nested quantifier '{self.shown(start, start + 1)}'.")

    def sequence(self) -> None:
        while True:
            self.skip_blank()
            c = self.peek()
            if c in (-1, ord("|"), ord(")")):
                return
            start = self.at
            if self.quantifier():
                raise _Problem(f"Quantifier '{self.shown(start, start + 1)}' following nothing.")
            self.at += 1
            if c == ord("(") and not self.group():
                continue
            if c == ord("["):
                self.set()
            elif c == ord("\\"):
                self.escape()
            self.quantified()

    def alternatives(self) -> None:
        self.sequence()
        while self.take("|"):
            self.sequence()

    def whole(self) -> None:
        explicit, blank = self.explicit, self.blank
        self.at = self.depth = self.automatic = 0
        self.alternatives()
        if self.peek() != -1:
            raise _Problem("Too many )'s.")
        self.explicit, self.blank = explicit, blank

    def count(self) -> None:
        """The numbers of groups: those without a name from the left, then those with one."""
        numbers = {0, *range(1, self.automatic + 1), *self.given}
        number = self.automatic + 1
        for _ in self.names:
            while number in numbers:
                number += 1
            numbers.add(number)
        self.numbers = numbers


def _unsupported(what: str) -> _Problem:
    return _Problem(f"Regular expressions with {what} are not supported here.")


def _is_digit(c: int) -> bool:
    return ord("0") <= c <= ord("9")


def _is_word(c: int) -> bool:
    return c >= 0 and unicodedata.category(chr(c)) in _WORD
