"""SHA-256, base64url, random identifiers."""

from __future__ import annotations

import base64
import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime


@given(st.binary(max_size=300))
def test_sha256(vm: LuaRuntime, data: bytes) -> None:
    """The digest is hashlib's, also around the block's edges."""
    assert vm.globals().R.sha256(data) == hashlib.sha256(data).digest()


def test_sha256_of_every_short_length(vm: LuaRuntime) -> None:
    """Padding is right for each length up to three blocks."""
    for size in range(200):
        assert vm.globals().R.sha256(b"a" * size) == hashlib.sha256(b"a" * size).digest()


@given(st.binary(max_size=60))
def test_base64(vm: LuaRuntime, data: bytes) -> None:
    """Both alphabets decode what Python encodes."""
    r = vm.globals().R
    assert r.base64url(base64.urlsafe_b64encode(data).rstrip(b"=")) == data
    assert r.base64(base64.b64encode(data)) == data


def test_base64url_has_one_spelling(vm: LuaRuntime) -> None:
    """Bits that no byte holds must be zero; padding, white space and the other alphabet are refused."""
    for text in (b"A", b"QR", b"QUF", b"QQ==", b"Q Q", b"+/8", b"QUE\n", b"\xff\xff"):
        assert vm.globals().R.base64url(text) is None


def test_identifiers(vm: LuaRuntime) -> None:
    """Version 4, and never the same."""
    made = {vm.globals().R.uuid().decode() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", m) for m in made)
