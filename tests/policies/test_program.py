"""Documents to programs: goldens of the Lua, merging of scopes, and what makes two programs one."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from goldens import Case, Golden, cases
from policy_programs import METADATA, document_text, problems, program, read, set_header, validate_jwt
from tidegate.diagnostics import Found
from tidegate.diagnostics.render import render
from tidegate.model import PolicyProgram
from tidegate.policies import DEFAULT_GLOBAL, NamedValue, build_program, read_document
from tidegate.sources.source import Source


def compiled(case: Case, found: Found) -> PolicyProgram | None:
    """The program of a case's document under the default global one."""
    values = {name: NamedValue(name, value) for name, value in case.switches.get("values", {}).items()}
    source = Source(case.shown_path, case.source_text)
    document = read_document(source, named_values=values, found=found)
    if document is None:
        return None
    return build_program([DEFAULT_GLOBAL, replace(document, scope="api")], found=found)


@pytest.mark.parametrize("case", cases("policies/program", switches=("values",)))
def test_program_cases(case: Case, golden: Golden) -> None:
    """Each document becomes the Lua of its golden."""
    found = Found()
    built = compiled(case, found)
    assert built, [d.concise() for d in found]
    golden.compare(case, {"lua": built.lua, "steps.txt": "\n".join(f"{s.section}: {s.text}" for s in built.steps)})


@pytest.mark.parametrize("case", cases("policies/diagnostics", switches=("values",)))
def test_diagnostic_cases(case: Case, golden: Golden) -> None:
    """Each document is refused, or warned about, as its golden says."""
    found = Found()
    compiled(case, found)
    shown = render(found.sorted(), format="full", sources={case.shown_path: case.source_text}, color=False)
    golden.compare(case, {"diag.txt": shown})


def steps(*texts: str) -> list[str]:
    """The steps of merged documents, as section and policy."""
    return [f"{s.section}: {s.text}" for s in program(*texts).steps]


def test_base_is_the_wider_scope_in_its_place() -> None:
    """Before, after, twice, or not at all; each section by itself."""
    outer = document_text(set_header("A", "1"), outbound=set_header("A", "2"), on_error=set_header("A", "3"))
    api = document_text(
        set_header("B", "1") + "<base />" + set_header("C", "1"),
        backend="<base />",
        outbound="<base /><base />",
        on_error=set_header("B", "3"),
    )
    operation = document_text("<base />" + set_header("D", "1"), backend="<base />", outbound="<base />")
    assert steps(outer, api, operation) == [
        "inbound: set-header B: 1", "inbound: set-header A: 1", "inbound: set-header C: 1", "inbound: set-header D: 1",
        "backend: forward-request", "outbound: set-header A: 2", "outbound: set-header A: 2",
    ]  # fmt: skip


def test_missing_section_has_no_base() -> None:
    """A section that a document leaves out drops the wider scopes' one."""
    outer = document_text(set_header("A", "1"))
    assert steps(outer, "<policies><backend><base /></backend></policies>") == ["backend: forward-request"]
    found = problems(outer, "<policies><inbound><base /></inbound></policies>")
    assert [each for each in found if "TG25" not in each] == [
        "1:2 TG2304 no `<forward-request />` is left in the backend section of this document"
    ]


def test_base_of_the_widest_scope_is_nothing() -> None:
    """At the global scope there is nothing to take in."""
    assert steps(document_text("<base />")) == ["backend: forward-request"]


def test_equal_documents_equal_programs() -> None:
    """The digest depends on what the policies do, not on where they stand or how they are laid out."""
    text = document_text(validate_jwt() + set_header("A", "@( context . Request . Method )"))
    first, second = program(text), program("<!-- a remark -->\n" + text.replace("><", ">\n  <"))
    assert first.digest == second.digest == hashlib.sha256(first.lua.encode()).hexdigest()
    assert first.steps != second.steps
    assert program(document_text()).digest != first.digest


def test_issuers_are_listed() -> None:
    """As written, sorted, each once."""
    other = "https://a.example.com/.well-known/openid-configuration"
    twice = validate_jwt() + validate_jwt(children=f'<openid-config url="{other}" />')
    assert program(document_text(twice)).issuers == (other, METADATA)


def test_source_map_leads_back() -> None:
    """A line of Lua knows the statement that made it."""
    built = program(document_text("\n" + set_header("A", "1") + "\n" + set_header("B", "2")))
    lines = built.lua.splitlines()
    shown = [(lines[number - 1].strip(), span.line) for number, span in built.source_map]
    assert shown == [("do", 3), ("do", 4), ("do", 5)]


def test_secret_values_stay_out_of_summaries() -> None:
    """A summary shows the named value's name; the program needs its text."""
    built = program(document_text(set_header("A", "Bearer {{key}}")), named_values={"key": "hunter2"})
    assert "hunter2" in built.lua
    assert [s.text for s in built.steps] == ["set-header A: Bearer {{key}}", "forward-request"]
    assert "hunter2" not in repr(NamedValue("key", "hunter2"))


def test_secrets_stay_out_of_diagnostics_and_summaries() -> None:
    """Neither a mistake in a secret nor one beside it shows it."""
    values = {"key": NamedValue("key", "hunter2(", secret=True)}
    found = Found()
    wrong = document_text(
        set_header("A", "@({{key}})") + set_header("{{key}}", "1") + set_header("B", "1", action="{{key}}")
    )
    assert read_document(Source("p.xml", wrong), named_values=values, found=found) is None
    assert len(found) == 3
    assert "hunter2" not in "".join(d.concise() + d.help + d.label for d in found)
    jwt = validate_jwt(children="<audiences><audience>{{key}}</audience></audiences>")
    document = read_document(Source("p.xml", document_text(jwt)), named_values=values, found=found)
    assert document
    built = build_program([document], found=found)
    assert built
    assert "audiences {{key}}" in built.steps[0].text
    assert "hunter2" not in built.steps[0].text


def test_variables_are_followed_across_scopes() -> None:
    """A variable set by a wider scope is known to the narrower one."""
    outer = document_text(validate_jwt('header-name="Authorization" output-token-variable-name="jwt"'))
    reads = set_header("A", '@(((Jwt)context.Variables["jwt"]).Subject)')
    inner = document_text("<base />" + reads, backend="<base />")
    assert [p.split(" ")[1] for p in problems(outer, inner)] == ["TG2408"]
    assert [p.split(" ")[1] for p in problems(document_text(reads))] == ["TG3201"]
    assert "variables[" not in program(outer, inner).lua


def test_many_variables_and_statements() -> None:
    """Lua's limits on locals and constants are not the author's."""
    jwt = "".join(
        validate_jwt(f'header-name="H{i}" output-token-variable-name="v{i}"')
        + set_header(f"X-{i}", f'@(((Jwt)context.Variables["v{i}"]).Subject ?? "n{i}")')
        for i in range(300)
    )
    from lupa.luajit21 import LuaRuntime

    assert LuaRuntime(encoding=None).eval(b"loadstring")(program(document_text(jwt)).lua.encode())


def test_document_with_errors_is_none() -> None:
    """Nothing of a document is taken when a part of it is refused."""
    found = Found()
    assert read(document_text(set_header("A", "1") + "<choose />"), found) is None
    assert [d.code.code for d in found] == ["TG2009"]
