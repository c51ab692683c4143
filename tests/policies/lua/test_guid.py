"""Guid and Random.

Vectors: the .NET pages "Guid.ToString", "Guid.ToByteArray", "Guid.Parse", "Random.Next".
"""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, text, value


@given(st.uuids())
def test_bytes_and_texts(vm: LuaRuntime, number: uuid.UUID) -> None:
    """The first three groups of the bytes are little-endian; every text reads back."""
    made = f"R.parse_guid('{number}')"
    assert value(
        vm,
        f"R.guid_bytes({made}).data == {''.join(('R.from_hex(', chr(39), number.bytes_le.hex(), chr(39), ').data'))}",
    )
    assert text(vm, f"R.guid_from_bytes(R.guid_bytes({made}))") == str(number)
    for letter in "NDBPndbp":
        shown = value(vm, f"R.format({made}, 'Guid', '{letter}')")
        assert text(vm, f"R.parse_guid({quoted(shown.upper())})") == str(number)
        assert text(vm, f"R.parse_guid_exact({quoted(shown)}, '{letter}')") == str(number)


@given(st.uuids())
def test_hash_codes(vm: LuaRuntime, number: uuid.UUID) -> None:
    """An int, the same for equal values: the page "Guid.GetHashCode" promises no more."""
    parts = [int.from_bytes(number.bytes_le[at : at + 4], "little", signed=True) for at in range(0, 16, 4)]
    assert value(vm, f"R.guid_hash_code(R.parse_guid('{number}'))") == parts[0] ^ parts[1] ^ parts[2] ^ parts[3]


def test_page_examples(vm: LuaRuntime) -> None:
    """ToByteArray's and ToString's own."""
    assert value(vm, "R.hex(R.guid_bytes(R.parse_guid('35918bc9-196d-40ea-9779-889d79b753f0')).data)") == (
        "c98b91356d19ea409779889d79b753f0"
    )
    for letter, expected in (
        ("N", "ca761232ed4211cebacd00aa0057b223"),
        ("D", "ca761232-ed42-11ce-bacd-00aa0057b223"),
        ("B", "{ca761232-ed42-11ce-bacd-00aa0057b223}"),
        ("P", "(ca761232-ed42-11ce-bacd-00aa0057b223)"),
        ("X", "{0xca761232,0xed42,0x11ce,{0xba,0xcd,0x00,0xaa,0x00,0x57,0xb2,0x23}}"),
    ):
        assert value(vm, f"R.Guid.format(R.parse_guid('CA761232-ED42-11CE-BACD-00AA0057B223'), '{letter}')") == expected


@pytest.mark.parametrize(
    "given",
    ["", "abc", "ca761232-ed42-11ce-bacd-00aa0057b22", "ca761232-ed42-11ce-bacd-00aa0057b22g",
     "{ca761232ed4211cebacd00aa0057b223}",
     "(ca761232-ed42-11ce-bacd-00aa0057b223}", "ca761232ed4211cebacd00aa0057b2-3", "x" * 1000],
)  # fmt: skip
def test_no_guids(vm: LuaRuntime, given: str) -> None:
    """Parse throws, TryParse gives the empty one."""
    with pytest.raises(Thrown, match="Guid"):
        value(vm, f"R.parse_guid({quoted(given)})")
    assert value(vm, f"(R.try_parse_guid({quoted(given)}))") is False


def test_equality(vm: LuaRuntime) -> None:
    """By value."""
    assert value(vm, "R.guid_equals(R.new_guid(), R.new_guid())") is False
    assert value(vm, "R.equals(R.guid_empty(), R.parse_guid('00000000-0000-0000-0000-000000000000'))") is True
    assert uuid.UUID(text(vm, "R.new_guid()")).version == 4
    with pytest.raises(Thrown, match="exactly 16 bytes"):
        value(vm, "R.guid_from_bytes(R.bytes('a'))")
    with pytest.raises(Thrown, match="Format string can be only"):
        value(vm, "R.Guid.format(R.guid_empty(), 'Q')")


def test_random(vm: LuaRuntime) -> None:
    """In its range, which excludes the end."""
    drawn = {value(vm, "R.random_next(2, 5)") for _ in range(200)}
    assert drawn == {2, 3, 4}
    assert all(0 <= value(vm, "R.random_double()") < 1 for _ in range(50))
    assert value(vm, "R.random_next(3, 3)") == 3
    assert value(vm, "#R.random_data(1000)") == 1000
    assert value(vm, "(function() local b = R.bytes('12345678901234567') R.random_fill(b) return #b.data end)()") == 17
    with pytest.raises(Thrown, match="'maxValue' must be greater than zero"):
        value(vm, "R.random_next(0, -1)")
    with pytest.raises(Thrown, match="'minValue' cannot be greater than maxValue"):
        value(vm, "R.random_next(5, 1)")
