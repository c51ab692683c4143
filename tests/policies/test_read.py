"""Documents: sections and policies, each refusal at its place. More of them as goldens, see test_program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_programs import document_text, problems, read
from strategies import messy_text
from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import expressions, policies
from tidegate.diagnostics.pages import page
from tidegate.policies import DEFAULT_GLOBAL, build_program, read_document
from tidegate.policies.catalogue import CATALOGUE, NOT_YET
from tidegate.sources.source import Source

CODES = (*policies.CODES, *expressions.CODES)


@pytest.mark.parametrize("name", sorted(NOT_YET))
def test_policies_to_come_are_refused_by_name(name: str) -> None:
    """Every policy of API Management is known, if only to say that it is not there yet."""
    (problem,) = problems(document_text(f"<{name} />"))
    assert problem == f"2:11 TG2301 `<{name}>` has no Envoy translation yet"


def test_catalogue_and_list_are_apart() -> None:
    """A policy is translated or to come."""
    assert not CATALOGUE.keys() & NOT_YET


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<fragment />", "1:2 TG2001 a policy document begins with `<policies>`, not `<fragment>`"),
        ("<policies><inbound /><inbound /></policies>", "1:23 TG2003 the section `<inbound>` is given twice"),
        ('<policies a="1" />', "1:11 TG2010 `<policies>` has no attribute `a`"),
        ('<policies><inbound a="1" /></policies>', "1:20 TG2010 `<inbound>` has no attribute `a`"),
        ("<policies>x<inbound /></policies>", "1:11 TG2004 `<policies>` holds no text"),
        ("<policies><inbound>x</inbound></policies>", "1:20 TG2004 `<inbound>` holds no text"),
        ("<policies><inbound><base>x</base></inbound></policies>", "1:26 TG2004 `<base>` holds no text"),
        ('<policies><inbound><base id="1"/></inbound></policies>', "1:26 TG2010 `<base>` has no attribute `id`"),
        (
            "<policies><outbound><cors /></outbound></policies>",
            "1:22 TG2006 `<cors>` cannot stand in outbound; it may in inbound",
        ),
    ],
)  # fmt: skip
def test_refused(text: str, problem: str) -> None:
    """One finding each."""
    assert problems(text) == [problem]


FRAGMENTS = {
    "inner": Source("inner.xml", '<fragment><set-header name="A"><value>1</value></set-header></fragment>'),
    "outer": Source("outer.xml", '<fragment><include-fragment fragment-id="inner" /></fragment>'),
    "document": Source("document.xml", "<policies />"),
}


@pytest.mark.parametrize("code", [c.code for c in CODES if c.code != "TG3003"])
def test_pages_are_true(code: str) -> None:
    """The example of each page gives its code and no other; what it recommends instead gives none."""
    wrong, right = re.findall(r"```xml\n(.*?)\n```", page(code), re.DOTALL)

    def codes(text: str) -> set[str]:
        found = Found()
        document = read_document(Source("p.xml", text), named_values={}, fragments=FRAGMENTS, found=found)
        wide = () if "<forward-request" in text or code == "TG2304" else (DEFAULT_GLOBAL,)
        if document:
            build_program([*wide, document], found=found)
        return {d.code.code for d in found}

    assert codes(wrong) - {"TG2408"} == {code} - {"TG2408"}
    assert codes(right) <= {"TG2408"} - {code}


def test_examples_of_the_repository_compile() -> None:
    """Every policy document that we ship is accepted; what is told of it is told on purpose."""
    root = Path(__file__).parents[2] / "examples"
    # Repositories in the layout of API Management have fragments and named values of their own; see examples/apiops.
    documents = sorted(path for path in root.rglob("*.xml") if "apimartifacts" not in path.parts)
    assert documents
    for path in documents:
        found = problems(path.read_text(), named_values={"tenant-id": "t"})
        assert not [each for each in found if "TG2304" not in each and "TG2501" not in each], path


PIECES = st.sampled_from(["<set-header", ' name="', "A", '"', "/>", ">", "</", "<base/>", "@(", ")", "x"])


@given(messy_text | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_gives_a_document_or_diagnostics(text: str) -> None:
    """Nothing else ever leaves the reader."""
    for whole in (text, document_text(text), document_text(f'<set-header name="A"><value>{text}</value></set-header>')):
        found = Found()
        assert (read(whole, found) is None) == found.has_errors


def fragment_program(inbound: str) -> tuple[str, list[str]]:
    """The Lua of a document that may include FRAGMENTS, and the findings."""
    found = Found()
    document = read_document(Source("p.xml", document_text(inbound)), named_values={}, fragments=FRAGMENTS, found=found)
    built = build_program([document], found=found) if document else None
    return built.lua if built else "", [f"{d.span.file}:{d.code.code}" for d in found.sorted() if d.span]


def test_fragments_stand_in_their_place() -> None:
    """As if their policies were written there, nested and more than once."""
    include = '<include-fragment fragment-id="inner" />'
    written = '<set-header name="A"><value>1</value></set-header>'
    for shape in ("{0}{0}", '<choose><when condition="true">{0}</when></choose>', "{0}<base />{0}"):
        assert fragment_program(shape.format(include)) == fragment_program(shape.format(written))


def test_findings_in_fragments_name_the_fragment() -> None:
    """Their places are in the fragment's own file."""
    assert fragment_program('<include-fragment fragment-id="document" />')[1] == ["document.xml:TG2020"]
    assert fragment_program('<include-fragment fragment-id="outer" />')[1] == ["outer.xml:TG2019"]
    assert fragment_program('<include-fragment fragment-id="x" />')[1] == ["p.xml:TG2018"]
    assert fragment_program('<include-fragment fragment-id="inner" a="b" />')[1] == ["p.xml:TG2010"]
    assert fragment_program("<include-fragment />")[1] == ["p.xml:TG2011"]
