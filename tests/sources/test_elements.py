"""What the readers of policies get."""

from __future__ import annotations

from tidegate.diagnostics import Found
from tidegate.sources import Expression, Source, Text, read_xml

SOURCE = Source("p", '<p a="x &amp; {{y}}" b="@(1)">one<q/>@{ return 2; } two<r/></p>')
ROOT = read_xml(SOURCE, Found())


def test_children_and_text_are_told_apart() -> None:
    """Iterating gives elements; `value` the rest."""
    assert ROOT is not None
    assert [child.name for child in ROOT] == ["q", "r"]
    assert [type(part) for part in ROOT.value] == [Text, Expression, Text]
    assert [item.span.column for item in ROOT.content] == [31, 34, 38, 52, 56]


def test_parts_know_what_they_are() -> None:
    """Literal text is decoded and keeps named values; expressions lose their fence."""
    assert ROOT is not None
    (text,) = ROOT.attributes["a"].value
    (expression,) = ROOT.attributes["b"].value
    block = ROOT.value[1]
    assert isinstance(text, Text)
    assert text.text == "x & {{y}}"
    name = text.placed.cut(text.text.index("{{"), len(text.text))
    assert SOURCE.cut(name.whole) == "{{y}}"
    assert isinstance(expression, Expression)
    assert (str(expression.code), expression.is_block) == ("1", False)
    assert isinstance(block, Expression)
    assert (block.code.text, block.is_block) == (" return 2; ", True)
