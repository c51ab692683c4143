"""Issuers' keys: read with care, fetched from the right place."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tidegate.adapters.issuers import Issuers, IssuerUnreachable, read_keys
from tidegate.adapters.unix_http import Answer, ServiceUnreachable

AUTHORITY = "https://localhost:8444"
ENTRA = "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration"

RSA_KEY = rsa.generate_private_key(65537, 2048).public_key()
WEAK_KEY = rsa.generate_private_key(65537, 1024).public_key()
EC_KEY = ec.generate_private_key(ec.SECP256R1()).public_key()


def number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def rsa_jwk(kid: str = "a", key: rsa.RSAPublicKey = RSA_KEY, **more: Any) -> dict[str, Any]:
    numbers = key.public_numbers()
    return {"kty": "RSA", "kid": kid, "n": number(numbers.n), "e": number(numbers.e), **more}


def ec_jwk(kid: str = "e", **more: Any) -> dict[str, Any]:
    numbers = EC_KEY.public_numbers()
    return {"kty": "EC", "crv": "P-256", "kid": kid, "x": number(numbers.x), "y": number(numbers.y), **more}


class Documents:
    """A token service that has these documents."""

    def __init__(self, documents: dict[str, object]) -> None:
        self.documents = documents
        self.asked: list[str] = []

    async def get(self, target: str) -> Answer:
        self.asked.append(target)
        if target not in self.documents:
            return Answer(404, b"{}")
        body = self.documents[target]
        return Answer(200, body if isinstance(body, bytes) else json.dumps(body).encode())


class Silent:
    async def get(self, target: str) -> Answer:
        raise ServiceUnreachable("identity.sock: no such file")


METADATA = "/contoso.example/v2.0/.well-known/openid-configuration"
GOOD: dict[str, object] = {
    METADATA: {
        "issuer": "https://login.microsoftonline.com/10/v2.0",
        "jwks_uri": "https://localhost:8444/10/discovery/v2.0/keys",
        "id_token_signing_alg_values_supported": ["RS256"],
    },
    "/10/discovery/v2.0/keys": {"keys": [rsa_jwk("b"), rsa_jwk("a")]},
}


def issuers(local: Any, *, use_entra: bool = False) -> Issuers:
    return Issuers(local=local, authority=AUTHORITY, use_entra=use_entra)


async def test_entras_hosts_are_answered_by_the_local_token_service() -> None:
    local = Documents(GOOD)
    metadata = await issuers(local).fetch(ENTRA)
    assert metadata.url == ENTRA
    assert metadata.issuer == "https://login.microsoftonline.com/10/v2.0"
    assert [key.kid for key in metadata.keys] == ["a", "b"]
    assert local.asked == [METADATA, "/10/discovery/v2.0/keys"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("https://login.microsoftonline.com/x/.well-known/openid-configuration", True),
        ("https://sts.windows.net/x/.well-known/openid-configuration", True),
        ("https://login.windows.net/x/.well-known/openid-configuration", True),
        ("https://LOGIN.microsoftonline.com/x/.well-known/openid-configuration", True),
        (f"{AUTHORITY}/x/v2.0/.well-known/openid-configuration", True),
        ("https://localhost:9/x/.well-known/openid-configuration", False),
        ("https://login.microsoftonline.com.evil.example/x", False),
        ("https://issuer.example/x", False),
    ],
)
def test_only_known_hosts_are_local(url: str, local: bool) -> None:
    assert issuers(Documents({})).is_local(url) is local


def test_with_use_entra_microsofts_hosts_are_microsofts() -> None:
    chosen = issuers(Documents({}), use_entra=True)
    assert not chosen.is_local(ENTRA)
    assert chosen.is_local(f"{AUTHORITY}/x")


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        ({}, "answers 404"),
        ({METADATA: b"<html>"}, "no JSON"),
        ({METADATA: b"[" * 100_000}, "no JSON"),
        ({METADATA: []}, "no JSON object"),
        ({METADATA: {"issuer": "x"}}, "names no issuer and jwks_uri"),
        ({**GOOD, "/10/discovery/v2.0/keys": {"keys": []}}, "has no key"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line(documents: dict[str, object], says: str) -> None:
    with pytest.raises(IssuerUnreachable, match=says) as caught:
        await issuers(Documents(documents)).fetch(ENTRA)
    assert "\n" not in str(caught.value)


async def test_a_silent_token_service_is_unreachable() -> None:
    with pytest.raises(IssuerUnreachable, match="no such file"):
        await issuers(Silent()).fetch(ENTRA)


@pytest.mark.parametrize(
    "url",
    [
        "http://issuer.example/.well-known/openid-configuration",
        "file:///etc/passwd",
        "https:///nothing",
        "https://169.254.169.254/metadata",
        "gopher://issuer.example/",
        "not a url",
    ],
)
async def test_keys_come_by_tls_and_never_from_the_metadata_service(url: str) -> None:
    with pytest.raises(IssuerUnreachable):
        await issuers(Documents({})).fetch(url)


async def test_a_local_metadata_document_never_sends_us_elsewhere() -> None:
    """jwks_uri of a local issuer is read from the local service, whatever host it names."""
    changed = {**GOOD, METADATA: {"issuer": "i", "jwks_uri": "https://evil.example/10/discovery/v2.0/keys"}}
    local = Documents(changed)
    await issuers(local).fetch(ENTRA)
    assert local.asked[-1] == "/10/discovery/v2.0/keys"


def test_a_key_keeps_its_number_and_gets_its_algorithm() -> None:
    keys = read_keys({"keys": [rsa_jwk(), ec_jwk()]})
    assert [(key.kid, key.kty, key.algorithms) for key in keys] == [("a", "RSA", ("RS256",)), ("e", "EC", ("ES256",))]
    assert load_der_public_key(keys[0].der) == RSA_KEY
    assert load_der_public_key(keys[1].der) == EC_KEY


def test_the_metadatas_algorithms_bind_keys_that_name_none() -> None:
    (key,) = read_keys({"keys": [rsa_jwk()]}, allowed=("PS256", "HS256", "none"))
    assert key.algorithms == ("PS256",)
    (named,) = read_keys({"keys": [rsa_jwk(alg="RS512")]}, allowed=("RS256",))
    assert named.algorithms == ("RS512",)


@pytest.mark.parametrize(
    "jwk",
    [
        rsa_jwk(use="enc"),
        rsa_jwk(alg="HS256"),
        rsa_jwk(alg="none"),
        rsa_jwk(key=WEAK_KEY),
        {"kty": "oct", "kid": "a", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "a", "n": "!!", "e": "AQAB"},
        {"kty": "RSA", "kid": "a", "e": "AQAB"},
        {"kty": "RSA", "n": rsa_jwk()["n"], "e": "AQAB"},
        {"kty": "EC", "kid": "a", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {"kty": "EC", "kid": "a", "crv": "secp256k1", "x": "AQ", "y": "AQ"},
        ec_jwk(alg="ES512"),
        "text",
        None,
    ],
)
def test_keys_that_nothing_should_be_verified_with_are_left_out(jwk: object) -> None:
    assert read_keys({"keys": [jwk]}) == ()


def test_a_key_set_that_is_none_has_no_keys() -> None:
    assert read_keys({}) == ()
    assert read_keys({"keys": "text"}) == ()


def test_of_two_keys_with_one_kid_the_first_wins() -> None:
    other = rsa.generate_private_key(65537, 2048).public_key()
    (key,) = read_keys({"keys": [rsa_jwk(), rsa_jwk(key=other)]})
    assert load_der_public_key(key.der) == RSA_KEY
