"""Documents inside of scalars."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Found, Span
from tidegate.sources import Mapping, Scalar, Source, embedded, read_xml, read_yaml


def inner(text: str, **values: str) -> tuple[Source, Source]:
    """A YAML file, and the text under its key `policy`."""
    source = Source("a.yaml", text)
    (document,) = read_yaml(source, Found(), values)
    assert isinstance(document, Mapping)
    scalar = document.entries["policy"].node
    assert isinstance(scalar, Scalar)
    return source, embedded(source, scalar)


@pytest.mark.parametrize(
    "text",
    [
        "policy: |\n  <p>\n\n    <é/>\n  </p>\n",
        "a: 1\npolicy: |-\n    <p>\r\n      <é/></p>\n\n",
        "policy: |2\n    <p><é/></p>",
        "policy: <p><é/></p>",
        "policy: '<p><é/></p>'",
        'policy: "<p><é/></p>"',
        ["- x\n", "\n\npolicy:   |+ # a comment\n  <p><é/></p>\n\n"][1],
    ],
)
def test_places_inside_an_embedded_document_are_the_files(text: str) -> None:
    """What is found in a literal block or a single line stands where the author wrote it."""
    source, document = inner(text)
    root = read_xml(document, Found())
    assert root is not None
    (child,) = root
    assert source.cut(child.span) == "<é/>"
    assert document.cut(child.span) == "<é/>"


@pytest.mark.parametrize(
    "text", ["policy: >\n  <p>\n  <é/></p>", "policy: '<p><é a=\"''\"/></p>'", "policy: |\n  <p>${X}\n  <é/></p>"]
)
def test_places_inside_a_rewritten_document_are_the_whole_value(text: str) -> None:
    """Where YAML or a filled-in value changed the text, every span is the value's."""
    source, document = inner(text, X="some\ntext")
    root = read_xml(document, Found())
    assert root is not None
    assert root.span == Span("a.yaml", 1, 9, len(source.line_starts), root.span.end_column)
    assert source.cut(root.span) == text.removeprefix("policy: ")


def test_an_empty_block_has_one_place() -> None:
    """There is nothing inside that could be told apart."""
    _, document = inner("policy: |\n\n\nother: 1")
    assert document.text == ""
    assert document.span(0, 0) == Span("a.yaml", 1, 9, 1, 10)
