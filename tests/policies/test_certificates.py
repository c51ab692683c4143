"""PKCS#12 to what Envoy shows: chain and key, the thumbprint, and what cannot be shown."""

from __future__ import annotations

import base64
import hashlib
import ssl

import pytest

from authorities import Authority
from client_certificates import pfx_of
from tidegate.policies.certificates import Opened, open_certificate

AUTHORITY = Authority()
LEAF = AUTHORITY.issue("client.test")


@pytest.mark.parametrize("password", ["", "secret", "pässword"])
def test_a_certificate_with_its_chain(password: str) -> None:
    opened = open_certificate(pfx_of(LEAF.chain_pem + AUTHORITY.pem, LEAF.key_pem, password), password)
    assert isinstance(opened, Opened)
    assert opened.certificate.chain_pem == LEAF.chain_pem + AUTHORITY.pem
    assert opened.certificate.key_pem == LEAF.key_pem
    assert opened.thumbprint == hashlib.sha1(ssl.PEM_cert_to_DER_cert(LEAF.chain_pem)).hexdigest().upper()
    assert "PRIVATE" not in repr(opened)


def test_line_breaks_in_base64_do_not_matter() -> None:
    data = pfx_of(LEAF.chain_pem, LEAF.key_pem, "secret")
    assert open_certificate("\n".join(data[i : i + 64] for i in range(0, len(data), 64)), "secret") == open_certificate(
        data, "secret"
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "is no PKCS#12"),
        ("%%%", "is no PKCS#12"),
        (base64.b64encode(b"something").decode(), "is no PKCS#12"),
        (pfx_of(LEAF.chain_pem, LEAF.key_pem, "other"), "or its password is another one"),
        (pfx_of(LEAF.chain_pem, None, "secret"), "holds no certificate with its private key"),
    ],
)
def test_what_cannot_be_shown(data: str, reason: str) -> None:
    wrong = open_certificate(data, "secret")
    assert isinstance(wrong, str)
    assert reason in wrong
