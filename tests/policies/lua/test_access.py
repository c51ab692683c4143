"""Addresses, distinguished names and thumbprints."""

from __future__ import annotations

import hashlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime


@given(st.ip_addresses())
def test_addresses(vm: LuaRuntime, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """The bytes are those of Python's parser, whatever the spelling."""
    mapped = getattr(address, "ipv4_mapped", None)
    for text in {str(address), address.exploded, str(address).upper()}:
        assert vm.globals().R.ip_bytes(text.encode()) == (mapped or address).packed


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "::1.2.3",
     "1:2:3:4:5:6:7:8:9", "1.2.3.4/8"],
)  # fmt: skip
def test_what_is_no_address(vm: LuaRuntime, text: str) -> None:
    """Nothing is guessed."""
    assert vm.globals().R.ip_bytes(text.encode()) is None


def test_addresses_in_other_clothes(vm: LuaRuntime) -> None:
    """An IPv4 address that came by IPv6 is the IPv4 address; zones do not count."""
    assert vm.globals().R.ip_bytes(b"::ffff:1.2.3.4") == bytes([1, 2, 3, 4])
    assert vm.globals().R.ip_bytes(b"fe80::1%eth0") == ipaddress.ip_address("fe80::1").packed


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(vm: LuaRuntime, text: str) -> None:
    """Of 4 or 16 bytes."""
    made = vm.globals().R.ip_bytes(text.encode("utf-8", "replace"))
    assert made is None or len(made) in (4, 16)


@given(st.binary(max_size=200))
def test_sha1(vm: LuaRuntime, data: bytes) -> None:
    """FIPS 180-4, as hashlib has it."""
    assert vm.globals().R.sha1_hex(data) == hashlib.sha1(data, usedforsecurity=False).hexdigest().encode()


def test_distinguished_names(vm: LuaRuntime) -> None:
    """Writers order the parts differently, and quote or escape commas."""
    parts = vm.globals().R.name_parts
    written = b'C=US, ST=Illinois, O="Contoso, Inc.", CN=*.contoso.com'
    assert parts(written) == parts(b"CN=*.contoso.com,O=Contoso\\, Inc.,ST=Illinois,C=US")
    assert parts(b"cn=a") == parts(b"CN=a")
    assert parts(b"CN=a") != parts(b"CN=A")
    assert parts(b"no name") is None
