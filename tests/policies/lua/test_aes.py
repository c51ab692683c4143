"""AES.

Vectors: FIPS 197 appendix C, NIST SP 800-38A appendix F.2 (CBC), RFC 3394 section 4 (key wrap), the GCM specification's
test cases 3 and 4; the library that everybody uses is the reference for the rest.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

PLAIN = bytes.fromhex("00112233445566778899aabbccddeeff")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (16, "69c4e0d86a7b0430d8cdb78070b4c55a"),
        (24, "dda97ca4864cdfe06eaf70a0ec0d7191"),
        (32, "8ea2b7ca516745bfeafc49904b496089"),
    ],
)
def test_fips_197(vm: LuaRuntime, size: int, expected: str) -> None:
    """Appendix C: one block, and back."""
    r, key = vm.globals().R, bytes(range(size))
    assert r.aes_encrypt(key, PLAIN, None).hex() == expected
    assert r.aes_decrypt(key, bytes.fromhex(expected), None) == PLAIN


def test_sp_800_38a_cbc(vm: LuaRuntime) -> None:
    """F.2.1, the first two blocks of CBC-AES128."""
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    expected = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
    assert vm.globals().R.aes_encrypt(key, plain, bytes(range(16))).hex() == expected


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([16, 24, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), st.binary(max_size=100))
def test_cbc_of_anything(vm: LuaRuntime, key: bytes, data: bytes) -> None:
    """With PKCS #7, there and back."""
    r = vm.globals().R
    iv, padded = bytes(range(100, 116)), r.pkcs7_pad(data)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    expected = encryptor.update(padded) + encryptor.finalize()
    assert r.aes_encrypt(key, padded, iv) == expected
    assert r.pkcs7_unpad(r.aes_decrypt(key, expected, iv)) == data


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([16, 24, 32]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), st.binary(max_size=60),
       st.binary(max_size=40))  # fmt: skip
def test_gcm_of_anything(vm: LuaRuntime, key: bytes, data: bytes, more: bytes) -> None:
    """The ciphered text and its tag."""
    r, iv = vm.globals().R, bytes(range(12))
    expected = AESGCM(key).encrypt(iv, data, more)
    assert r.aes_gcm(key, iv, data, more, False) == (expected[:-16], expected[-16:])
    assert r.aes_gcm(key, iv, expected[:-16], more, True) == (data, expected[-16:])


def test_gcm_specification(vm: LuaRuntime) -> None:
    """Test case 4: sixty bytes, with additional data."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308")
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
        "ba637b39"
    )
    more = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    _, tag = vm.globals().R.aes_gcm(key, bytes.fromhex("cafebabefacedbaddecaf888"), plain, more, False)
    assert tag.hex() == "5bc94fbc3221a5db94fae95ae7121a47"


def test_key_wrap(vm: LuaRuntime) -> None:
    """RFC 3394 section 4.1, and keys of other sizes; a changed byte is found."""
    r = vm.globals().R
    key = bytes.fromhex("000102030405060708090A0B0C0D0E0F")
    wrapped = bytes.fromhex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")
    assert r.aes_unwrap(key, wrapped) == PLAIN
    for size, inner in ((16, 32), (24, 48), (32, 64)):
        outer, secret = bytes(range(size)), bytes(range(inner))
        assert r.aes_unwrap(outer, aes_key_wrap(outer, secret)) == secret
    assert r.aes_unwrap(key, wrapped[:-1] + b"\0") is None
    assert r.aes_unwrap(key, wrapped[:-1]) is None
    assert r.aes_unwrap(key, b"") is None


def test_padding(vm: LuaRuntime) -> None:
    """PKCS #7: what is none is found."""
    unpad = vm.globals().R.pkcs7_unpad
    assert unpad(b"a" * 15 + b"\x01") == b"a" * 15
    assert unpad(b"\x10" * 16) == b""
    for wrong in (b"", b"a" * 15 + b"\0", b"a" * 15 + b"\x11", b"a" * 14 + b"\x01\x02"):
        assert unpad(wrong) is None
