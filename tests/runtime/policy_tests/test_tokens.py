"""Tokens of the issuers that policies name."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import RSAKey

from tidegate.manifests.schema.policy_test import TokenWish
from tidegate.runtime.policy_tests.tokens import Issuers, UnknownIssuer, issuer_of

URL = "https://login.example.com/tenant/v2.0/.well-known/openid-configuration"


def wish(**fields: object) -> TokenWish:
    return TokenWish.model_validate(fields)


@pytest.fixture(scope="module")
def issuers() -> Issuers:
    return Issuers([URL])


def key_of(issuers: Issuers) -> RSAKey:
    return RSAKey.import_key(issuers.metadata()[URL].keys[0].der)


def test_a_token_verifies_under_its_issuers_key(issuers: Issuers) -> None:
    """With the claims that are asked for; null takes one away."""
    text = issuers.token(wish(audience="api", claims={"roles": ["a"], "sub": None}), now=1000.0)
    claims = jwt.decode(text, key_of(issuers), algorithms=["RS256"]).claims
    assert claims == {
        "iss": "https://login.example.com/tenant/v2.0",
        "aud": "api",
        "iat": 1000,
        "nbf": 995,
        "exp": 1600,
        "roles": ["a"],
    }


def test_a_strangers_does_not(issuers: Issuers) -> None:
    """It names the issuer and its key all the same."""
    text = issuers.token(wish(signedBy="stranger"), now=1000.0)
    with pytest.raises(BadSignatureError):
        jwt.decode(text, key_of(issuers), algorithms=["RS256"])


def test_an_issuer_that_no_policy_names(issuers: Issuers) -> None:
    """Such a token would prove nothing: the case is told which there are."""
    with pytest.raises(UnknownIssuer, match=r"login\.example\.com"):
        issuers.token(wish(issuer="https://other.example.com"), now=0.0)
    with pytest.raises(UnknownIssuer, match="none"):
        Issuers([]).token(wish(), now=0.0)


@pytest.mark.parametrize(
    ("url", "issuer"),
    [
        (URL, "https://login.example.com/tenant/v2.0"),
        (
            "https://login.microsoftonline.com/t/v2.0/.well-known/openid-configuration",
            "https://login.microsoftonline.com/t/v2.0",
        ),
        ("https://login.microsoftonline.com/t/.well-known/openid-configuration", "https://sts.windows.net/t/"),
    ],
)
def test_entras_issuer_of_version_1_is_another_host(url: str, issuer: str) -> None:
    """Microsoft identity platform, access token claims: iss."""
    assert issuer_of(url) == issuer
