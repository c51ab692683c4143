"""Hashes and HMAC.

Vectors: RFC 1321 appendix A.5 (MD5), FIPS 180-4's examples "abc" (NIST CSRC), RFC 2202 and RFC 4231 (HMAC); beyond
these, hashlib is the reference, for every length around the edges of blocks.
"""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

NAMES = ("MD5", "SHA1", "SHA256", "SHA384", "SHA512")


@pytest.mark.parametrize(
    ("name", "text", "digest"),
    [
        ("MD5", b"", "d41d8cd98f00b204e9800998ecf8427e"),
        ("MD5", b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("SHA1", b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("SHA256", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("SHA384", b"abc", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
         "8086072ba1e7cc2358baeca134c825a7"),
        ("SHA512", b"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
    ],
)  # fmt: skip
def test_published_vectors(vm: LuaRuntime, name: str, text: bytes, digest: str) -> None:
    """The examples of the standards."""
    assert vm.globals().R.digest(name.encode(), text).hex() == digest


@pytest.mark.parametrize("name", NAMES)
def test_every_short_length(vm: LuaRuntime, name: str) -> None:
    """Padding is right up to three blocks."""
    for size in range(260):
        data = bytes(i % 251 for i in range(size))
        assert vm.globals().R.digest(name.encode(), data) == hashlib.new(name.lower(), data).digest()


@pytest.mark.parametrize("name", NAMES)
def test_hmac_vectors(vm: LuaRuntime, name: str) -> None:
    """RFC 2202 and RFC 4231: test cases 1, 2 and 6 (a key longer than a block)."""
    for key, data in (
        (b"\x0b" * 20, b"Hi There"),
        (b"Jefe", b"what do ya want for nothing?"),
        (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First"),
    ):
        assert vm.globals().R.hmac(name.encode(), key, data) == hmac.digest(key, data, name.lower())
    if name == "SHA256":
        published = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        assert vm.globals().R.hmac(b"SHA256", b"\x0b" * 20, b"Hi There").hex() == published


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=300), st.binary(max_size=400))
def test_hmac_of_anything(vm: LuaRuntime, name: str, key: bytes, data: bytes) -> None:
    """The standard library agrees."""
    assert vm.globals().R.hmac(name.encode(), key, data) == hmac.digest(key, data, name.lower())


def test_fixed_time_equals(vm: LuaRuntime) -> None:
    """Equal bytes only."""
    equal = vm.globals().R.fixed_time_equals
    assert equal(b"", b"") is True
    assert equal(b"abc", b"abc") is True
    assert [equal(b"abc", other) for other in (b"abd", b"ab", b"", b"\0bc")] == [False] * 4
