"""Policy documents: elements, values, findings."""

from __future__ import annotations

from textwrap import indent

import pytest

from goldens import Case, Golden, cases
from tidegate.diagnostics import Found
from tidegate.sources import Source, read_xml
from trees import expressions, place, print_element, print_found


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "this is not well-formed: there is no element"),
        ("text", "this is not well-formed: an element is expected here"),
        ("<p>a & b</p>", "this is not well-formed: this character cannot stand here"),
        ("<p/><q/>", "this is not well-formed: nothing may follow the first element"),
        ("<p><![CDATA[x</p>", "this is not well-formed: `<![CDATA[` has no `]]>`"),
        (" <?xml version='1.0'?><p/>", "this is not well-formed: `<?xml ...?>` must stand at the very beginning"),
        ("<p>&#0;</p>", "this is not well-formed: this reference names no character that may stand in XML"),
        ("<p>&x;</p>", "the entity `&x;` is not known"),
        ("<p", "this is not well-formed: a tag or comment has no end"),
        ("<p>a -- b", "this is not well-formed: `<p>` is never closed"),
        ("<p><!-- a -- b --></p>", "this is not well-formed: a comment has no end, or holds `--`"),
    ],
)
def test_what_is_not_well_formed_is_said(text: str, message: str) -> None:
    """Each mistake in its own words."""
    found = Found()
    assert read_xml(Source("policy.xml", text), found) is None
    assert [d.message for d in found] == [message]


def test_the_declared_encoding_has_no_say() -> None:
    """Files are UTF-8; what the declaration says was true before someone saved them again."""
    root = read_xml(Source("policy.xml", "<?xml version='1.0' encoding='utf-16'?><p>é</p>"), Found())
    assert root is not None
    assert [str(part.span) for part in root.value] == ["policy.xml:1:43"]
