"""Golden cases of the readers: every value with its place, every finding as it is shown."""

from __future__ import annotations

from textwrap import indent

import pytest

from goldens import Case, Golden, cases
from tidegate.diagnostics import Found
from tidegate.sources import Source, read_json, read_xml, read_yaml
from trees import expressions, place, print_element, print_found, print_node


@pytest.mark.parametrize("case", cases("sources/yaml", switches=("values",)))
def test_yaml_reads_as_its_golden_says(case: Case, golden: Golden) -> None:
    """Documents, places and findings of a YAML file."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    documents = read_yaml(source, found, case.switches.get("values", {}))
    lines = [line for index, node in enumerate(documents) for line in print_node(node, f"#{index}")]
    golden.compare(case, {"tree.txt": "\n".join(lines), "diag.txt": print_found(found, source)})


@pytest.mark.parametrize("case", cases("sources/json"))
def test_json_reads_as_its_golden_says(case: Case, golden: Golden) -> None:
    """Values, places and findings of a JSON file."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    node = read_json(source, found)
    tree = "\n".join(print_node(node)) if node else ""
    golden.compare(case, {"tree.txt": tree, "diag.txt": print_found(found, source)})


@pytest.mark.parametrize("case", cases("sources/xml"))
def test_policy_document_reads_as_its_golden_says(case: Case, golden: Golden) -> None:
    """Elements, literal text, expressions and findings of a policy document."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    root = read_xml(source, found)
    tree = "\n".join(print_element(root)) if root else ""
    golden.compare(case, {"tree.txt": tree, "diag.txt": print_found(found, source)})


@pytest.mark.parametrize("case", cases("sources/policies"))
def test_expressions_of_whole_policies(case: Case, golden: Golden) -> None:
    """The expressions of documents as teams write them, in order, with their C#."""
    found = Found()
    source = Source(case.shown_path, case.source_text)
    root = read_xml(source, found)
    lines = [
        f"{place(each.span)} {'block' if each.is_block else 'expression'}\n{indent(each.code.text.strip(), '    ')}"
        for each in (expressions(root) if root else ())
    ]
    golden.compare(case, {"expressions.txt": "\n".join(lines), "diag.txt": print_found(found, source)})
