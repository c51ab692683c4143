"""Elements of policies: attributes and children, known and unknown."""

from __future__ import annotations

import pytest

from policy_programs import METADATA, document_text, problems, read, validate_jwt
from tidegate.diagnostics import Found

OPENID = f'<openid-config url="{METADATA}" />'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ('<validate-jwt header-name="A" />', ["TG2407"]),
        ("<validate-jwt>" + OPENID + "</validate-jwt>", ["TG2406"]),
        (validate_jwt('header-name="A" token-value="@(context.Request.Method)"'), ["TG2406"]),
        (validate_jwt('header-name="A" clock-skew="-1"'), ["TG2012"]),
        (validate_jwt('header-name="A" failed-validation-httpcode="200"'), ["TG2012"]),
        (validate_jwt('header-name="A" output-token-variable-name="@(401)"'), ["TG2014"]),
        (validate_jwt('header-name="A" require-signed-tokens="false"'), ["TG2408", "TG2409"]),
        (validate_jwt('header-name="A" require-signed-tokens="true"'), ["TG2408"]),
        (validate_jwt('header-name="A"', "<audiences />"), ["TG2009"]),
        (validate_jwt('header-name="A"', "<audiences><audience> </audience></audiences>"), ["TG2012"]),
        (validate_jwt('header-name="A"', "<audiences><issuer>a</issuer></audiences>"), ["TG2008"]),
        (validate_jwt('header-name="A"', "<audiences><audience>a</audience></audiences>" * 2), ["TG2007"]),
        (validate_jwt('header-name="A"', "<required-claims />"), ["TG2009"]),
        (
            validate_jwt('header-name="A"', '<required-claims><claim match="some" /></required-claims>'),
            ["TG2011", "TG2012"],
        ),
        (validate_jwt('header-name="A"', "<decryption-keys />"), ["TG2009"]),
        (validate_jwt('header-name="A"', '<openid-config url="login.example.com" />'), ["TG2012"]),
        (validate_jwt('header-name="A"', "<openid-config />"), ["TG2011"]),
        ("<cors />", ["TG2009"]),
        ('<trace source="@(context.Request.Method)"><message>m</message></trace>', ["TG2014"]),
        (
            '<rate-limit-by-key calls="1" renewal-period="1" counter-key="k" retry-after-header-name="a b" />',
            ["TG2402"],
        ),
        ("<rate-limit-by-key />", ["TG2011", "TG2011", "TG2011"]),
    ],
)  # fmt: skip
def test_findings(policy: str, expected: list[str]) -> None:
    """All of them, in the order of the file."""
    assert sorted(p.split(" ")[1] for p in problems(document_text(policy))) == sorted(expected)


def test_what_is_refused_by_name_says_what_comes_nearest() -> None:
    """A policy that needs a service of Azure's or an engine that is not here."""
    found = Found()
    read(document_text('<invoke-dapr-binding name="x" />'), found)
    assert [d.help for d in found if d.code.code == "TG2301"] == ["call the service with `send-request`"]
