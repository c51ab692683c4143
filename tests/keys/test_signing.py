"""One signing key: its names, its public form, its storage."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from joserfc import jwk

from keys.made_keys import NOW, generator, made
from tidegate.keys.signing import base64url, generate_key, load_key, thumbprint


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    """The example of RFC 7638 section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n9"
        "1CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    assert thumbprint({"n": modulus, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_second_implementation_names_the_key_alike() -> None:
    """joserfc computes the same thumbprint from the public form."""
    public = made(0).public_jwk
    imported = jwk.RSAKey.import_key({name: str(public[name]) for name in ("kty", "n", "e")})
    assert imported.thumbprint() == made(0).kid == public["kid"]


def test_the_public_form_has_entras_fields_and_nothing_private() -> None:
    """RFC 7518 section 6.3.2 names the private members; none may appear."""
    public = made(0).public_jwk
    assert set(public) == {"kty", "use", "alg", "kid", "x5t", "n", "e", "x5c"}
    assert not set(public) & {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_the_certificate_belongs_to_the_key() -> None:
    """x5c holds the key, and x5t is its SHA-1 (RFC 7515 section 4.1.7)."""
    public = made(0).public_jwk
    chain = public["x5c"]
    assert isinstance(chain, list)
    certificate = x509.load_der_x509_certificate(base64.b64decode(chain[0]))
    assert certificate.public_key() == made(0).private_key.public_key()
    assert base64url(certificate.fingerprint(hashes.SHA1())) == public["x5t"]
    assert certificate.not_valid_before_utc.timestamp() == NOW


def test_a_signature_verifies_with_the_public_key() -> None:
    """RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits."""
    signature = made(0).sign(b"text")
    made(0).private_key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
    assert len(signature) == 256


def test_a_stored_key_comes_back() -> None:
    """What is written is read as the same key."""
    key = generator()(NOW)
    read = load_key(private_pem=key.private_pem(), certificate_pem=key.certificate_pem())
    assert read == key
    assert read.sign(b"text") == key.sign(b"text")


def test_keys_are_equal_by_what_they_are() -> None:
    """Two objects of one key are one member of a set; two keys are two."""
    again = load_key(private_pem=made(0).private_pem(), certificate_pem=made(0).certificate_pem())
    assert {made(0), again, made(1)} == {made(0), made(1)}
    assert made(0) != made(1)
    assert made(0) != "a key"


def test_a_key_with_anothers_certificate_is_refused() -> None:
    """A file that mixes two keys is damage."""
    with pytest.raises(ValueError, match="does not belong"):
        load_key(private_pem=made(0).private_pem(), certificate_pem=made(1).certificate_pem())


def test_only_rsa_keys_are_read() -> None:
    """An elliptic curve key cannot sign RS256."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(ValueError, match="does not belong"):
        load_key(private_pem=pem, certificate_pem=made(0).certificate_pem())


def test_a_key_whose_private_half_was_damaged_is_refused() -> None:
    """Its signatures do not verify, which is seen when it is read and not by every API."""
    numbers = made(0).private_key.private_numbers()
    forged = type(numbers)(
        p=numbers.p,
        q=numbers.q,
        d=numbers.d ^ 2,  # both ways of computing: OpenSSL falls back from one to the other
        dmp1=numbers.dmp1 ^ 2,
        dmq1=numbers.dmq1,
        iqmp=numbers.iqmp,
        public_numbers=numbers.public_numbers,
    ).private_key(unsafe_skip_rsa_key_validation=True)
    pem = forged.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with pytest.raises(ValueError, match="do not verify"):
        load_key(private_pem=pem, certificate_pem=made(0).certificate_pem())


def test_printing_a_key_shows_its_name_only() -> None:
    """Keys end up in logs and failed assertions."""
    key = generate_key(now=NOW)
    assert repr(key) == f"SigningKey(kid={key.kid}, ...)"
