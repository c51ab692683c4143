"""Where expressions stand in a document."""

from __future__ import annotations

import pytest

from tidegate.sources import Source
from tidegate.sources.fence import mask


def found(text: str, *, escaped: bool = False) -> list[str]:
    """What the fences of a document cover."""
    return [text[fence.start : fence.end] for fence in mask(Source("p", text), escaped=escaped).fences]


@pytest.mark.parametrize(
    ("text", "fences"),
    [
        ('<p a="@(x)"/>', ["@(x)"]),
        ("<p a=' @(x) '/>", ["@(x)"]),
        ('<p a="@("\')")" b="@{y}">@(z)</p>', ['@("\')")', "@{y}", "@(z)"]),
        ("<p> \n @(x) more</p>", ["@(x)"]),
        ("<p><q/>@(x)</p>", ["@(x)"]),
        ("<p><!-- a -->@(x)</p>", ["@(x)"]),
        ("<p><![CDATA[@(x)]]></p>", ["@(x)"]),
        ("<p>text @(x)</p>", []),
        ('<p a="Bearer @(x)"/>', []),
        ("<p><!--@(x)--></p>", []),
        ("<?p @(x)?><p/>", []),
        ("<p a=@(x)/>", []),
        ("<p>@ (x)</p>", []),
        ("@(x)", ["@(x)"]),
    ],
)
def test_expressions_begin_values_and_texts(text: str, fences: list[str]) -> None:
    """And stand nowhere else."""
    assert found(text) == fences


def test_character_data_ends_where_xml_says() -> None:
    """`]]>` ends it, also where C# would go on; nothing in it is escaped."""
    masked = mask(Source("p", "<p><![CDATA[@(a[b[0]]>1)]]></p>"), escaped=True)
    assert masked.unclosed is not None
    assert found("<p><![CDATA[@(a &amp; b)]]></p>", escaped=True) == ["@(a &amp; b)"]
    (fence,) = mask(Source("p", "<p><![CDATA[@(a &amp; b)]]></p>"), escaped=True).fences
    assert fence.code.text == "a &amp; b"


@pytest.mark.parametrize("length", [1, 500, 512, 600, 5_000])
def test_escaped_expressions_of_any_length(length: int) -> None:
    """Decoding goes on until the end is found."""
    text = f'<p a="@(&quot;{")" * length}&quot; &amp;&amp; x)" b="@(y)"/>'
    fences = mask(Source("p", text), escaped=True).fences
    assert [fence.code.text for fence in fences] == [
        f'"{")" * length}" && x',
        "y",
    ]


def test_masked_text_is_what_xml_can_hold() -> None:
    """The expression is gone, the lines are not."""
    assert mask(Source("p", '<p a="@(x <\r\n"y")" />'), escaped=False).text == '<p a=".....\r\n...." />'
