"""YAML and JSON, for any values and any text."""

from __future__ import annotations

import json

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from strategies import messy_text
from tidegate.diagnostics import Found
from tidegate.sources import Mapping, Node, Scalar, Sequence, Source, read_json, read_yaml
from tidegate.sources.nodes import to_plain

# Line breaks of YAML that PyYAML itself does not write so that it can read them.
NO_SURROGATES = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x85\u2028\u2029\ufeff")
TEXTS = st.text(NO_SURROGATES, max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


def scalars(node: Node) -> list[Scalar]:
    """Every scalar below a node."""
    match node:
        case Scalar():
            return [node]
        case Sequence(items=items):
            return [scalar for item in items for scalar in scalars(item)]
        case Mapping(entries=entries):
            return [scalar for entry in entries.values() for scalar in scalars(entry.node)]


@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_json_reads_what_was_written(value: object, ascii_only: bool, indent: int | None) -> None:
    """Any JSON document gives its value, and each scalar's span is a JSON text of that scalar alone."""
    source = Source("a.json", json.dumps(value, ensure_ascii=ascii_only, indent=indent))
    found = Found()
    node = read_json(source, found)
    if any("\x7f" in text or "\ufffe" in text or "\uffff" in text for text in [source.text]):
        assert node is None
        return
    assert node is not None, [d.message for d in found]
    assert to_plain(node) == value
    for scalar in scalars(node):
        assert json.loads(source.cut(scalar.span)) == scalar.value


class Writer(yaml.SafeDumper):
    """Writes texts in one style; without quotes, PyYAML and Kubernetes differ about what `y` is."""

    text_style = '"'

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out."""
        return True


Writer.add_representer(str, lambda self, text: self.represent_scalar("tag:yaml.org,2002:str", text, self.text_style))


@given(VALUES, st.sampled_from("\"'|>"), st.booleans())
def test_yaml_reads_what_was_written(value: object, style: str, flow: bool) -> None:
    """Any YAML document gives its value, and each scalar's span is a YAML text of that scalar alone."""
    writer = type("StyledWriter", (Writer,), {"text_style": style})
    source = Source("a.yaml", yaml.dump(value, Dumper=writer, default_flow_style=flow, allow_unicode=True))
    found = Found()
    documents = read_yaml(source, found)
    assert not list(found), (found.sorted(), source.text)
    assert [to_plain(node) for node in documents] == [value]
    for scalar in (scalar for node in documents for scalar in scalars(node)):
        written = source.cut(scalar.span)
        assert written[:1] in "|>" or yaml.safe_load(written) == scalar.value


@given(messy_text)
@example("\ufeffa: b")
@example("a: !!int b")
@example("a: &x !t\n b")
@example("&a [*a]")
@example("? - a\n: b")
@example("%YAML 9.9\n---\na")
@example('"\\ud800"')
@example("<<: *x")
@example("{<<: [{a: 1}, b]}")
@example("- |\n\n\n- >+\n\n")
@example("'a\n\nb': |2\n   c")
def test_any_text_is_yaml_or_an_error(text: str) -> None:
    """Reading ends with documents or a diagnostic inside the file; scalars' spans cut out the scalars."""
    found = Found()
    source = Source("a.yaml", text)
    documents = read_yaml(source, found)
    check_places(source, found)
    for document in documents:
        for scalar in scalars(document):
            written = source.cut(scalar.span)
            if written[:1] in ("'", '"'):
                assert written[-1] == written[0]
            elif written[:1] not in ("|", ">") and "\n" not in scalar.text:
                assert written.split() == scalar.text.split() or scalar.value is None


@given(messy_text)
@example("\ufeff[1]")
@example("-")
@example('"\\')
@example("[1, 2e9999]")
def test_any_text_is_json_or_an_error(text: str) -> None:
    """Reading ends with a value or an error inside the file, and agrees with the standard library's decoder."""
    found = Found()
    source = Source("a.json", text)
    node = read_json(source, found)
    check_places(source, found)
    assert (node is None) == found.has_errors
    if node is not None:
        assert to_plain(node) == json.loads(text.removeprefix("\ufeff"))


def check_places(source: Source, found: Found) -> None:
    """Every finding stands inside the file."""
    for diagnostic in found:
        assert diagnostic.span is not None
        assert diagnostic.span.line <= len(source.line_starts)
