"""The parser's pieces: tokens, literals, types, primaries, the cursor."""

from __future__ import annotations

import pytest

from expression_lab import parsed, placed
from tidegate.diagnostics import Found
from tidegate.policies.expressions.parse.cursor import Cursor, Refused
from tidegate.policies.expressions.parse.expressions import expression
from tidegate.policies.expressions.parse.literals import literal_number
from tidegate.policies.expressions.parse.primaries import primary
from tidegate.policies.expressions.parse.statements import block
from tidegate.policies.expressions.parse.tokens import HoleTokens, Kind, LexicalError, tokenize
from tidegate.policies.expressions.parse.types import type_at
from tidegate.policies.expressions.syntax import Literal


def cursor(text: str) -> Cursor:
    return Cursor(placed(text), Found(), tokenize(text), block)


def test_tokens() -> None:
    """Kinds and texts; `>` stands alone, so that type arguments can end."""
    tokens = tokenize("a?.b ?? 'c' >> 1.5m // d")
    assert [t.text for t in tokens] == ["a", "?.", "b", "??", "'c'", ">", ">", "1.5m", ""]
    assert tokens[4].kind is Kind.CHARACTER
    (string, _) = tokenize('$"a{b:N2}c"')
    assert isinstance(string.parts[1], HoleTokens)
    assert string.parts[1].format == "N2"
    with pytest.raises(LexicalError, match="no end on its line"):
        tokenize('"a\n"')


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("1", 1, "int"), ("4294967295", 4294967295, "uint"), ("4294967296", 4294967296, "long"), ("1u", 1, "uint"),
        ("1L", 1, "long"), ("1UL", 1, "ulong"), ("18446744073709551615", 2**64 - 1, "ulong"),
        ("0xFFFFFFFF", 2**32 - 1, "uint"),
        ("0b11", 3, "int"), ("1_0", 10, "int"), ("1f", 1.0, "float"), ("1d", 1.0, "double"), ("1e2", 100.0, "double"),
        (".5", 0.5, "double"), ("1.50M", "1.50", "decimal"),
    ],
)  # fmt: skip
def test_numbers(text: str, value: object, kind: str) -> None:
    """The first type that holds it, or that its suffix names."""
    here = cursor(text)
    number = literal_number(here, here.token)
    assert isinstance(number, Literal)
    assert (number.value, number.kind) == (value, kind)


@pytest.mark.parametrize(
    ("text", "shown", "taken"),
    [("int", "int", 1), ("A.B<C, D[]>?[] x", "A.B<C, D[]>?[]", 13), ("List<List<int>> x", "List<List<int>>", 7)],
)
def test_types(text: str, shown: str, taken: int) -> None:
    """As they are written, with where the tokens behind them begin."""
    guess = type_at(cursor(text), 0)
    assert guess is not None
    assert (str(guess[0]), guess[1]) == (shown, taken)
    assert type_at(cursor("1"), 0) is None
    assert type_at(cursor("a < b"), 0, nullable=False) is not None


def test_primaries_end_where_operators_begin() -> None:
    """A chain of postfixes is one of them."""
    here = cursor("a.b(1)[2]?.c + d")
    tree = primary(here, expression)
    assert tree == parsed("a.b(1)[2]?.c")
    assert here.token.text == "+"


def test_cursor() -> None:
    """What is expected and not there is said, with the place."""
    here = cursor("a b")
    assert here.skip_word("a")
    assert not here.skip(",")
    with pytest.raises(Refused):
        here.expect(",")
    (finding,) = here.found
    assert finding.message == "the expression is not C#: `b` does not belong here: `,` is missing"
    here.depth = 49
    here.enter()
    with pytest.raises(Refused):
        here.enter()
