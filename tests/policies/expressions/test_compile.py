"""Equal texts are compiled once, and found where they stand."""

from __future__ import annotations

from expression_lab import placed
from tidegate.diagnostics import Found, Span
from tidegate.policies.expressions.compile import compile_expression
from tidegate.policies.expressions.types import INT, STRING, Type
from tidegate.sources.placed import place
from tidegate.sources.source import Source


def test_places_are_those_of_the_text() -> None:
    """In a second file, further down, with a line break within: the same finding, moved."""
    text = "context\n  .Requst"
    source = Source("other.xml", f"<a>\n{text}</a>")
    spans: list[Span | None] = []
    for code in (placed(text), place(source, 4, 4 + len(text), entities=False)):
        found = Found()
        assert compile_expression(code, is_block=False, wanted=STRING, section="inbound", found=found) is None
        spans += [d.span for d in found]
    assert [str(span) for span in spans] == ["e.xml:2:4", "other.xml:3:4"]


def test_variables_are_found_where_they_are_read() -> None:
    """Each reader of the same text has its own place."""
    text = '(string)context.Variables["a"]'
    source = Source("other.xml", f"<a>{text}</a>")
    first = compile_expression(placed(text), is_block=False, wanted=STRING, section="inbound", found=Found())
    code = place(source, 3, 3 + len(text), entities=False)
    second = compile_expression(code, is_block=False, wanted=STRING, section="inbound", found=Found())
    assert first
    assert second
    assert first.tree is second.tree
    assert [str(v.span) for checked in (first, second) for v in checked.variables] == ["e.xml:1:27", "other.xml:1:30"]


def test_what_is_wanted_decides() -> None:
    """The same text as another type is another program."""

    def compiled(wanted: Type, *, is_block: bool) -> bool:
        text = "return 1;" if is_block else "1"
        return (
            compile_expression(placed(text), is_block=is_block, wanted=wanted, section="inbound", found=Found())
            is not None
        )

    assert compiled(STRING, is_block=True)
    assert compiled(INT, is_block=False)
