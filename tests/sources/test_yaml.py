"""YAML files: documents, places, findings."""

from __future__ import annotations

import pytest

from goldens import Case, Golden, cases
from tidegate.diagnostics import Found, Span
from tidegate.sources import Mapping, Source, read_yaml
from tidegate.sources.nodes import to_plain
from trees import print_found, print_node


@pytest.mark.parametrize("case", cases("sources/yaml", switches=("values",)))
def test_yaml_reads_as_its_golden_says(case: Case, golden: Golden) -> None:
    """Documents, places and findings of a YAML file."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    documents = read_yaml(source, found, case.switches.get("values", {}))
    lines = [line for index, node in enumerate(documents) for line in print_node(node, f"#{index}")]
    golden.compare(case, {"tree.txt": "\n".join(lines), "diag.txt": print_found(found, source)})


@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_separators_that_editors_do_not_count_move_no_line(separator: str) -> None:
    """YAML ends a line there; the places are still those of the editor."""
    source = Source("a.yaml", f"a: 'x{separator}y'\nb: 1\n")
    (document,) = read_yaml(source, Found())
    assert isinstance(document, Mapping)
    assert document.entries["b"].node.span == Span("a.yaml", 2, 4, 2, 5)


def test_byte_order_mark_moves_no_column() -> None:
    """Sources from the disk have none; a text from elsewhere may."""
    found = Found()
    source = Source("a.yaml", "\ufeffa: b\nc: *d")
    assert read_yaml(source, found) == ()
    (document,) = read_yaml(Source("a.yaml", "\ufeffa: b"), found)
    assert isinstance(document, Mapping)
    assert document.entries["a"].node.span == Span("a.yaml", 1, 5, 1, 6)
    assert [d.span for d in found] == [Span("a.yaml", 2, 4, 2, 6)]


def test_a_text_inside_a_file_has_the_files_places() -> None:
    """A source may begin further down and right."""
    (document,) = read_yaml(Source("a.yaml", "a: [b]", lines_before=9, columns_before=4), Found())
    assert isinstance(document, Mapping)
    assert document.entries["a"].key_span == Span("a.yaml", 10, 5, 10, 6)
    assert document.entries["a"].node.span == Span("a.yaml", 10, 8, 10, 11)


def test_surprises_are_warnings_and_the_document_is_read() -> None:
    """What was meant cannot be known; what Kubernetes would do can."""
    found = Found()
    (document,) = read_yaml(Source("a.yaml", "on: off"), found)
    assert to_plain(document) == {"true": False}
    assert not found.has_errors
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n  name: {{ .Values.name }}\n", "a template must be rendered"),
        ("a: {{- x }}\n", "a template must be rendered"),
        ("a: b\n\tc: d\n", "indent with spaces"),
    ],
)
def test_templates_and_tabs_have_a_way_out(text: str, words: str) -> None:
    """`{{ name }}` is YAML: a mapping whose key is one."""
    found = Found()
    read_yaml(Source("a.yaml", text), found)
    (told,) = found
    assert told.help.startswith(words)
