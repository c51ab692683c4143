"""Masking and policy documents, for any expressions and any text."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from hypothesis import example, given
from hypothesis import strategies as st

from strategies import code, fence, literal, messy_text
from tidegate.diagnostics import Found
from tidegate.sources import Element, Expression, Source, Text, read_xml
from tidegate.sources.csharp import extent
from tidegate.sources.fence import mask


def shape(text: str) -> list[str]:
    """Line breaks where they are, and nothing else."""
    return re.findall(r"[\r\n]|[^\r\n]+", re.sub(r"[^\r\n]", ".", text))


def read(text: str) -> Element:
    """Read a document that must be fine."""
    found = Found()
    root = read_xml(Source("policy.xml", text), found)
    assert root is not None, [d.message for d in found]
    return root


def walk(element: Element) -> list[Element]:
    """An element and everything below it."""
    return [element, *(inner for child in element for inner in walk(child))]


@given(code)
def test_the_end_of_any_code_is_found(inside: str) -> None:
    """Whatever literals and comments hold, the bracket that closes is the one that was written, not one behind it."""
    text = f'({inside}\n) rest) "'
    assert extent(text, 0, len(text)).end == len(inside) + 3


@given(messy_text, st.booleans())
def test_masking_keeps_length_and_line_breaks(text: str, escaped: bool) -> None:
    """Every character behind an expression stays at its line and column."""
    masked = mask(Source("policy.xml", text), escaped=escaped)
    assert shape(masked.text) == shape(text)


@given(fence, fence, literal)
def test_bare_expressions_are_cut_out_exactly(attribute: str, text: str, other: str) -> None:
    """An expression's span covers what was written, its code what stands between the brackets, also of the values
    behind it; literal attributes keep theirs."""
    source = Source("policy.xml", f'<p a="{attribute}" b="{other}">\n  <v> {text}\n</v><w/></p>')
    root = read(source.text)
    child = next(iter(root))
    for written, value in ((attribute, root.attributes["a"].value), (text, child.value)):
        (part,) = value
        assert isinstance(part, Expression)
        assert source.cut(part.span) == written
        assert source.cut(part.code.whole) == written[2:-1]
        assert part.code.text == written[2:-1]
    assert source.cut(root.attributes["b"].span) == other
    assert source.cut(root.attributes["b"].name_span) == "b"
    assert source.cut(child.span).endswith("</v>")


@given(fence, fence)
def test_escaped_expressions_are_decoded(attribute: str, text: str) -> None:
    """A well-formed document's expressions mean what they decode to, and each character knows its place."""
    quoted = escape(attribute, {'"': "&quot;"})
    source = Source("policy.xml", f'<p a="{quoted}"><v>{escape(text)}</v></p>')
    root = read(source.text)
    (part,) = root.attributes["a"].value
    (inner,) = next(iter(root)).value
    assert isinstance(part, Expression)
    assert isinstance(inner, Expression)
    assert (part.code.text, inner.code.text) == (attribute[2:-1], text[2:-1])
    assert source.cut(part.span) == quoted
    for index, character in enumerate(part.code.text):
        assert source.cut(part.code.span(index, index + 1)) in (character, escape(character, {'"': "&quot;"}))


@given(st.text(st.sampled_from("a &<>\"'é😀{} \n\t"), max_size=20))
def test_literal_values_are_decoded_with_places(text: str) -> None:
    """Literal text means what XML says, and its span is what was written."""
    written = escape(text, {'"': "&quot;"})
    source = Source("policy.xml", f'<p a="{written}"><v>.{written}.</v></p>')
    root = read(source.text)
    value = root.attributes["a"].value
    assert "".join(part.text for part in value if isinstance(part, Text)) == re.sub(r"[\n\t]", " ", text)
    assert source.cut(root.attributes["a"].span) == written
    (part,) = next(iter(root)).value
    assert isinstance(part, Text)
    assert part.text == f".{text}."
    assert source.cut(part.span) == f".{written}."


@given(messy_text)
@example('<p a="@(x')
@example("<p>&#0;</p>")
@example("<p>&#xD800;</p>")
@example("<p/>\ud800")
@example('<?xml version="1.0" encoding="utf-16"?><p/>')
@example('<?xml version="1.1"?><p/>')
@example("<![CDATA[@(]]>")
@example("<p><![CDATA[@{ a[b[0]]>1 ]]></p>")
def test_any_text_is_read_or_refused(text: str) -> None:
    """Reading ends with an element or a diagnostic inside the file, never with an exception."""
    for document in (
        text,
        f"<p>{text}</p>",
        f'<p a="{text}"/>',
        f'<p a="@({text})"/>',
        f"<p><!--{text}--><![CDATA[{text}]]></p>",
    ):
        found = Found()
        source = Source("policy.xml", document)
        root = read_xml(source, found)
        assert (root is None) == found.has_errors
        for diagnostic in found:
            assert diagnostic.span is not None
            assert diagnostic.span.line <= len(source.line_starts)
        for element in walk(root) if root else []:
            assert source.cut(element.span).startswith(f"<{element.name}")
