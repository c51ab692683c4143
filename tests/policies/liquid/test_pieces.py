"""Templates in pieces: signs, white space control, texts that are no templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policies.liquid.pieces import pieces


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("", []),
        ("a{{b}}c{%d%}", [("text", "a"), ("output", "b"), ("text", "c"), ("tag", "d")]),
        ("a {{- b -}} c", [("text", "a"), ("output", " b "), ("text", "c")]),
        ("a {%- b -%} \n c", [("text", "a"), ("tag", " b "), ("text", "c")]),
        ("{{ '}}' }}", [("output", " '}}' ")]),
        ("{{ 'a }}b", [("output", " 'a "), ("text", "b")]),
        ("a{{b", [("text", "a"), ("unclosed", "{{")]),
        ("{% raw %}{{a}}{% endraw %}b", [("tag", " raw "), ("text", "{{a}}"), ("tag", "endraw"), ("text", "b")]),
        ("{%- raw -%} {{a}} {%- endraw -%} b", [("tag", " raw "), ("text", "{{a}}"), ("tag", "endraw"), ("text", "b")]),
        ("{% comment %}{% if %}{%endcomment%}", [("tag", " comment "), ("text", "{% if %}"), ("tag", "endcomment")]),
        ("{ % {", [("text", "{ % {")]),
    ],
)
def test_pieces(template: str, parts: list[tuple[str, str]]) -> None:
    """Kinds and texts, in order."""
    assert [(p.kind, p.text) for p in pieces(template)] == parts


@given(st.text("{}%-'\" arwendo\n", max_size=30))
def test_places(template: str) -> None:
    """Each piece stands where it says, in order and apart."""
    behind = 0
    for piece in pieces(template):
        if piece.kind == "tag" and piece.text.startswith("end") and not template.startswith(piece.text, piece.start):
            continue
        assert template.startswith(piece.text, piece.start)
        assert piece.start >= behind
        behind = piece.start + len(piece.text)
