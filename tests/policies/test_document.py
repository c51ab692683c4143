"""Documents as values."""

from __future__ import annotations

from policy_programs import document_text, read, set_header, validate_jwt
from tidegate.diagnostics import Found
from tidegate.policies.document import SECTIONS, Base


def test_sections_that_are_not_given_are_empty() -> None:
    """Asking for any of the four is right."""
    document = read("<policies><inbound><base /></inbound></policies>", Found())
    assert document
    assert [len(document.section(name)) for name in SECTIONS] == [1, 0, 0, 0]
    assert isinstance(document.section("inbound")[0], Base)


def test_statements_say_what_they_are() -> None:
    """Name, id, place, variables, and one line for people."""
    jwt = validate_jwt('header-name="Authorization" output-token-variable-name="jwt" id="check"')
    header = set_header("A", '@(((Jwt)context.Variables["jwt"]).Id)')
    document = read(document_text(jwt + header), Found())
    assert document
    check, setting = (item for item in document.section("inbound") if not isinstance(item, Base))
    assert (check.name, check.policy_id, check.sets, check.reads) == ("validate-jwt", "check", ("jwt",), ())
    assert (setting.name, setting.policy_id, [v.value for v in setting.reads]) == ("set-header", "", ["jwt"])
    assert setting.span.line == 2
    assert setting.summary().startswith("set-header A: @(((Jwt)")
