"""Files of many documents: each is read on its own, and comes to what reading the whole file comes to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.manifests.parts import read_parts
from tidegate.manifests.reading import Reading, read_file
from tidegate.sources import Source

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec:\n  ports: [{port: %s}]\n"


def read(text: str, *, path: str = "a.yaml") -> Reading:
    """All of a text."""
    return read_parts(Source(path, text), {}, before=None, parts={})[0]


def test_only_the_edited_document_is_read_again() -> None:
    """The others are the very objects of the last reading."""
    text = "---\n".join(SERVICE % (name, 80) for name in "abc")
    first, parts = read_parts(Source("a.yaml", text), {}, before=None, parts={})
    edited = text.replace("name: b}\nspec:\n  ports: [{port: 80}]", "name: b}\nspec:\n  ports: [{port: 81}]")
    second, _ = read_parts(Source("a.yaml", edited), {}, before=first, parts=parts)
    assert [now is then for now, then in zip(second.candidates, first.candidates, strict=True)] == [True, False, True]


def test_documents_below_an_added_line_have_their_new_places() -> None:
    """A place is part of what was read."""
    text = "---\n".join(SERVICE % (name, 80) for name in "ab")
    first, parts = read_parts(Source("a.yaml", text), {}, before=None, parts={})
    second, _ = read_parts(Source("a.yaml", "# first\n" + text), {}, before=first, parts=parts)
    assert [each.node.span.line for each in first.candidates] == [1, 7]
    assert [each.node.span.line for each in second.candidates] == [2, 8]


def test_a_document_that_cannot_be_parsed_leaves_the_others() -> None:
    """They count; nothing of the file counts as deleted."""
    reading = read("---\n".join([SERVICE % ("a", 80), "a: [\n", SERVICE % ("b", 80)]))
    assert [each.key.name for each in reading.candidates] == ["a", "b"]
    assert (reading.parsed, reading.whole) == (False, False)
    (problem,) = reading.diagnostics
    assert problem.span is not None
    assert problem.span.line == 8


_TEXTS = st.sampled_from(
    [
        SERVICE % ("a", "80"),
        SERVICE % ("b", "http"),
        "",
        "# only a comment\n",
        "a: |\n  --- not a marker\n  text\n",
        "a: 'two\n\n  lines'\n",
        "kind: List\napiVersion: v1\nitems: []\n",
        "...\n",
        "&x {a: 1}\n",
    ]
)
_MARKERS = st.sampled_from(["---\n", "--- # a comment\n", "---\r\n", "...\n---\n", "--- "])


@given(first=_TEXTS, rest=st.lists(st.tuples(_MARKERS, _TEXTS), max_size=5))
def test_parts_come_to_what_the_whole_comes_to(first: str, rest: list[tuple[str, str]]) -> None:
    """Candidates, places, findings and trees, wherever the whole file can be parsed."""
    source = Source("a.yaml", first + "".join(marker + text for marker, text in rest))
    whole = read_file(source, {}, before=None)
    parts = read(source.text)
    if whole.parsed:
        assert parts.candidates == whole.candidates
        assert parts.diagnostics == whole.diagnostics
        assert (parts.whole, parts.parsed, parts.roots) == (whole.whole, whole.parsed, whole.roots)


def test_texts_that_cannot_be_cut_are_read_whole() -> None:
    """Directives, and characters that end lines for YAML only; JSON has one document."""
    directive = "%YAML 1.1\n---\n" + SERVICE % ("a", 80) + "---\n" + SERVICE % ("b", 80)
    assert read_parts(Source("a.yaml", directive), {}, before=None, parts={})[1] == {}
    odd = SERVICE % ("a", 80) + "# \u2028\n---\n" + SERVICE % ("b", 80)
    assert read_parts(Source("a.yaml", odd), {}, before=None, parts={})[1] == {}
    assert read("{}", path="a.json").parsed
