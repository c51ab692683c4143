"""What validate-jwt and validate-azure-ad-token become: constants where nothing is computed, summaries."""

from __future__ import annotations

from policy_programs import METADATA, document_text, problems, program, validate_jwt

AUDIENCES = "<audiences><audience> api://tasks </audience></audiences>"


def test_rules_are_a_constant_where_they_can_be() -> None:
    """Literal values are in the constant; expressions are worked out, and only these."""
    fixed = program(document_text(validate_jwt(children=AUDIENCES))).lua
    assert '["audiences"] = {["api://tasks"] = true}' in fixed
    assert "R.jwt_rules" not in fixed
    computed = program(
        document_text(validate_jwt("header-name='A' failed-validation-error-message='@(context.Request.Method)'"))
    ).lua
    assert '["parts"] = {"message"}' in computed
    assert "R.jwt_rules(K[1], " in computed


def test_a_scheme_belongs_to_authorization() -> None:
    """The reference: require-scheme is ignored with another header."""
    schemes = {
        name: '["scheme"] = "bearer"'
        in program(document_text(validate_jwt(f'header-name="{name}" require-scheme="Bearer"', AUDIENCES))).lua
        for name in ("Authorization", "AUTHORIZATION", "X-Token")
    }
    assert schemes == {"Authorization": True, "AUTHORIZATION": True, "X-Token": False}


def test_summaries() -> None:
    """In the author's words, without keys."""
    claim = '<required-claims><claim name="r" match="any"><value>a</value><value>b</value></claim></required-claims>'
    steps = program(document_text(validate_jwt(children=AUDIENCES + claim))).steps
    assert next(s.text for s in steps) == (f"validate-jwt: keys of {METADATA}; audiences api://tasks; claim r a or b")
    azure = (
        '<validate-azure-ad-token tenant-id="contoso.com"><client-application-ids><application-id>app</application-id>'
        "</client-application-ids></validate-azure-ad-token>"
    )
    assert next(s.text for s in program(document_text(azure)).steps) == (
        "validate-azure-ad-token: tenant contoso.com; clients app"
    )


def test_variables_that_values_read_are_known() -> None:
    """A claim's value that reads a variable counts as a read, so that one never set is told of."""
    value = '<value>@((string)context.Variables["never"])</value>'
    claim = f'<required-claims><claim name="r">{value}</claim></required-claims>'
    found = problems(document_text(validate_jwt(children=AUDIENCES + claim)))
    assert [p.split(" ")[1] for p in found] == ["TG3201"]
