"""Where a parser stands in its tokens, what it may expect there, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import expressions as codes
from tidegate.policies.expressions.keywords import KEYWORDS
from tidegate.policies.expressions.parse.limits import MAX_DEPTH
from tidegate.policies.expressions.parse.tokens import Kind, Token
from tidegate.policies.expressions.statements import Block

_SHOWN: Final = 40


class Code(Protocol):
    """A text that knows where its characters stood."""

    @property
    def text(self) -> str: ...

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""
        ...


class Refused(Exception):
    """The text is not accepted, and `found` says why."""


@dataclass(slots=True)
class Cursor:
    """Tokens and a place in them. Looking never passes the END token."""

    code: Code
    found: Found
    tokens: Sequence[Token]
    read_block: Callable[[Cursor], Block]
    """Statements are read by who reads expressions, and the other way round: lambdas have blocks."""
    at: int = 0
    depth: int = 0

    # -- looking

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def ahead(self, count: int) -> Token:
        """The token that many places further, or END."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def is_sign(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.text == text and token.kind is Kind.SIGN

    def is_word(self, text: str) -> bool:
        token = self.tokens[self.at]
        return token.text == text and token.kind is Kind.NAME

    def is_name(self) -> bool:
        """Whether an identifier stands here, which is no keyword."""
        token = self.tokens[self.at]
        return token.kind is Kind.NAME and token.text not in KEYWORDS

    # -- taking

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind is not Kind.END:
            self.at += 1
        return token

    def skip(self, text: str) -> bool:
        """Take a sign if it stands here."""
        if self.is_sign(text):
            self.at += 1
            return True
        return False

    def skip_word(self, text: str) -> bool:
        if self.is_word(text):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> Token:
        """Take the sign that must stand here."""
        if not self.is_sign(text):
            raise self.unexpected(f"`{text}` is missing")
        return self.take()

    def name(self) -> Token:
        """Take an identifier."""
        if not self.is_name():
            raise self.unexpected("a name is missing")
        return self.take()

    # -- places

    def span(self, first: Token, last: Token | None = None) -> Span:
        """From one token to another, by default the last one taken."""
        last = last or self.tokens[max(self.at - 1, 0)]
        return self.code.span(first.start, max(last.end, first.end))

    # -- depth

    def enter(self, levels: int = 1) -> None:
        """Deeper; undone by `leave`, but for refusals, after which nothing is read any more."""
        self.depth += levels
        if self.depth > MAX_DEPTH:
            self.found.add(codes.EXPRESSION_TOO_DEEP, at=self.span(self.token, self.token), limit=MAX_DEPTH)
            raise Refused

    def leave(self, levels: int = 1) -> None:
        self.depth -= levels

    # -- refusals

    def unexpected(self, missing: str = "") -> Refused:
        """What stands here cannot; `missing` is what could."""
        token = self.token
        if token.kind is Kind.END:
            detail = f"it ends too early: {missing}" if missing else "it ends too early"
        else:
            shown = " ".join(token.text.split())[:_SHOWN]
            detail = f"`{shown}` does not belong here" + (f": {missing}" if missing else "")
        return self.wrong(detail, token)

    def wrong(self, detail: str, first: Token, last: Token | None = None) -> Refused:
        self.found.add(codes.EXPRESSION_SYNTAX, at=self.span(first, last or first), detail=detail)
        return Refused()

    def unsupported(self, what: str, first: Token, *, help: str = "") -> Refused:
        """C# that Tidegate does not run."""
        self.found.add(codes.EXPRESSION_UNSUPPORTED, at=self.span(first, first), what=what, help=help)
        return Refused()
