"""JSON files: values, places, findings."""

from __future__ import annotations

import pytest

from goldens import Case, Golden, cases
from tidegate.diagnostics import Found
from tidegate.sources import Source, read_json
from tidegate.sources.nodes import to_plain
from trees import print_found, print_node


@pytest.mark.parametrize("case", cases("sources/json"))
def test_json_reads_as_its_golden_says(case: Case, golden: Golden) -> None:
    """Values, places and findings of a JSON file."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    node = read_json(source, found)
    tree = "\n".join(print_node(node)) if node else ""
    golden.compare(case, {"tree.txt": tree, "diag.txt": print_found(found, source)})


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "a value is missing at the end"),
        ("[", "a value is missing at the end"),
        ('{"a" 1}', "`:` is expected after a key"),
        ("{a: 1}", "a key in double quotes is expected"),
        ('{"a": 1,}', "a trailing comma is not allowed"),
        ("[1,]", "a trailing comma is not allowed"),
        ("[1 2]", "`,` or `]` is expected"),
        ("[1", "`,` or `]` is expected"),
        ("[01]", "this is not a number; JSON has no leading zeros, signs `+`, or hexadecimal digits"),
        ("[-]", "this is not a number; JSON has no leading zeros, signs `+`, or hexadecimal digits"),
        ("[NaN]", "a value is expected, not `NaN`"),
        ("['a']", "a value is expected, not `'`"),
        ("// x", "a value is expected, not `/`"),
        ('["a\nb"]', "this string has no end on its line, or an unknown `\\` escape"),
        ('["\\x"]', "this string has no end on its line, or an unknown `\\` escape"),
        ('["\\udc00"]', "a `\\u` escape gives half of a surrogate pair"),
    ],
)
def test_what_is_no_json_is_said(text: str, detail: str) -> None:
    """Each mistake in its own words."""
    found = Found()
    assert read_json(Source("a.json", text), found) is None
    assert [d.message for d in found] == [f"this is not JSON: {detail}"]


def test_values_are_filled_in_inside_strings_and_keys() -> None:
    """Never so that the structure changes."""
    found = Found()
    node = read_json(Source("a.json", '{"${K}": "${V}", "b": "${OTHER}"}'), found, {"K": "k", "V": '", "x": "'})
    assert node is not None
    assert to_plain(node) == {"k": '", "x": "', "b": "${OTHER}"}


def test_nul_in_a_string_is_refused() -> None:
    """It would end the text in what reads it next."""
    found = Found()
    assert read_json(Source("a.json", '["\\u0000"]'), found) is None
    assert [d.code.code for d in found] == ["TG1007"]


def test_huge_integers_are_no_numbers() -> None:
    """Nor do they take long."""
    found = Found()
    assert read_json(Source("a.json", "9" * 100_000), found) is None
    assert [d.code.slug for d in found] == ["number-not-finite"]
    assert len(next(iter(found)).message) < 120
