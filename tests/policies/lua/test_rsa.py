"""RSA signatures in Lua agree with the library that everybody uses."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from policy_tokens import key, public_der

TEXT = b"header.payload"


def sign(private: rsa.RSAPrivateKey, scheme: padding.AsymmetricPadding | None = None) -> bytes:
    return private.sign(TEXT, scheme or padding.PKCS1v15(), hashes.SHA256())


def der(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(serialization.Encoding.DER, form)


@pytest.mark.parametrize(("bits", "exponent"), [(1024, 65537), (2048, 65537), (2048, 3), (3072, 65537), (4096, 65537)])
def test_sizes(vm: LuaRuntime, bits: int, exponent: int) -> None:
    """Honest signatures pass, others do not, for every usual size."""
    private = rsa.generate_private_key(public_exponent=exponent, key_size=bits)
    verify, signature = vm.globals().R.rsa_verify, sign(private)
    assert verify(der(private), b"RS256", TEXT, signature) is True
    assert verify(der(private), b"RS256", TEXT + b"x", signature) is False
    assert verify(der(private), b"RS256", TEXT, signature[:-1] + bytes([signature[-1] ^ 1])) is False


@pytest.mark.parametrize("name", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
@pytest.mark.parametrize("bits", [1024, 1025, 2048])
def test_algorithms(vm: LuaRuntime, name: str, bits: int) -> None:
    """Every hash and both schemes; each signature passes under its own algorithm only."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[name[2:]]
    if name == "PS512" and bits < 1042:
        return  # RFC 8017 section 9.1.1: the salt does not fit.
    pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
    signature = private.sign(TEXT, pss if name[0] == "P" else padding.PKCS1v15(), digest)
    verify = vm.globals().R.rsa_verify
    for other in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "HS256", "none"):
        assert verify(der(private), other.encode(), TEXT, signature) is (other == name)
    assert verify(der(private), name.encode(), TEXT + b"x", signature) is False


def test_pss_with_another_salt(vm: LuaRuntime) -> None:
    """RFC 7518 section 3.5: the salt is as long as the hash."""
    for length in (0, 20, 31, 33, 64):
        signature = sign(key("k1"), padding.PSS(padding.MGF1(hashes.SHA256()), length))
        assert vm.globals().R.rsa_verify(public_der("k1"), b"PS256", TEXT, signature) is False


def test_other_signatures(vm: LuaRuntime) -> None:
    """PSS, another hash, other lengths, numbers beyond the modulus, other keys, and what is no RSA key."""
    private, verify = key("k1"), vm.globals().R.rsa_verify
    own = public_der("k1")
    pss = sign(private, padding.PSS(padding.MGF1(hashes.SHA256()), 32))
    sha1 = private.sign(TEXT, padding.PKCS1v15(), hashes.SHA1())
    for signature in (
        pss,
        sha1,
        b"",
        b"\0" * 256,
        b"\xff" * 256,
        b"\0" + sign(private),
        sign(private)[:-1],
        sign(key("k2")),
    ):
        assert verify(own, b"RS256", TEXT, signature) is False
    for not_rsa in (der(ec.generate_private_key(ec.SECP256R1())), b"", b"\x30", own[:40], b"\x30\x82\xff\xff" + own):
        assert verify(not_rsa, b"RS256", TEXT, sign(private)) is False


@settings(max_examples=30)
@given(st.integers(0, 255), st.integers(0, 7))
def test_any_flipped_bit_is_found(vm: LuaRuntime, byte: int, bit: int) -> None:
    """No neighbour of a signature passes."""
    signature = bytearray(sign(key("k1")))
    signature[byte] ^= 1 << bit
    assert vm.globals().R.rsa_verify(public_der("k1"), b"RS256", TEXT, bytes(signature)) is False
