"""validate-client-certificate: what is refused before anything starts."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program

REVOCATION = 'validate-revocation="false"'


def policy(attributes: str = REVOCATION, *identities: str) -> str:
    inside = "".join(f"<identity {each} />" for each in identities)
    group = f"<identities>{inside}</identities>" if identities else ""
    return f"<validate-client-certificate {attributes}>{group}</validate-client-certificate>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (policy(""), "validate-revocation"),
        (policy('validate-revocation="true"'), "validate-revocation"),
        (policy(REVOCATION, 'thumbprint="12"'), "40 hexadecimal digits"),
        (policy(REVOCATION, 'issuer-thumbprint="12"'), "issuer-thumbprint"),
        (policy(REVOCATION, ""), "at least one attribute"),
        (f"<validate-client-certificate {REVOCATION}><identities /></validate-client-certificate>", "an `<identity>`"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    """A check that would be left out, above all."""
    assert said in "\n".join(problems(document_text(text)))


def test_identities() -> None:
    """Thumbprints in any spelling."""
    print_ = "AB:" * 19 + "ab"
    lua = program(document_text(policy(REVOCATION, f'thumbprint="{print_}"', 'common-name="a" dns-name="b"'))).lua
    assert "ab" * 20 in lua
    assert '["common_name"] = "a", ["dns_name"] = "b"' in lua
