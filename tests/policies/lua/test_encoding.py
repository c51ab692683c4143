"""Encodings, base64, hexadecimal, BitConverter.

Vectors: the .NET pages of System.Text.Encoding, "Convert.ToBase64String", "Convert.FromBase64String",
"Convert.ToHexString", "BitConverter.ToString", "BitConverter.GetBytes"; Python's codecs as an oracle.
"""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, value

TEXTS = st.text(st.sampled_from("aé€😀ж"), max_size=8)


@given(data=st.binary(max_size=40))
def test_bytes(vm: LuaRuntime, data: bytes) -> None:
    """Base64 both ways; what is no UTF-8 becomes U+FFFD as often as Python says."""
    vm.globals().x = data
    encoded = base64.b64encode(data).decode()
    assert value(vm, "R.to_base64(R.bytes(x))") == encoded
    assert value(vm, f"R.from_base64({quoted(encoded)}) == x") is True
    assert value(vm, "R.utf8_text(x)") == data.decode("utf-8", "replace")
    assert value(vm, "R.hex(x)") == data.hex()
    assert value(vm, "R.from_hex(R.to_hex(R.bytes(x))).data == x") is True


@given(text=TEXTS)
def test_texts(vm: LuaRuntime, text: str) -> None:
    """GetBytes and GetString of each encoding."""
    for name, codec in (("utf-8", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16BE", "utf-16-be")):
        data = text.encode(codec)
        assert value(vm, f"R.hex(R.encoded(R.encoding('{name}'), {quoted(text)}).data)") == data.hex()
        assert value(vm, f"R.decoded(R.encoding('{name}'), R.from_hex('{data.hex()}'))") == text
        assert value(vm, f"R.encoded_size(R.encoding('{name}'), {quoted(text)})") == len(data)


def test_single_bytes(vm: LuaRuntime) -> None:
    """ASCII and Latin1 write a question mark for each unit that they do not have."""
    assert value(vm, 'R.encoded(R.encoding("us-ascii"), "aé😀").data') == "a???"
    assert value(vm, 'R.hex(R.encoded(R.encoding("latin1"), "aé€").data)') == "61e93f"
    assert value(vm, 'R.decoded(R.encoding("us-ascii"), R.bytes("a\\233"))') == "a?"
    assert value(vm, 'R.decoded(R.encoding("ISO-8859-1"), R.bytes("a\\233"))') == "aé"
    assert value(vm, 'R.decoded(R.encoding("utf-8"), R.bytes("abcdef"), 1, 2)') == "bc"
    assert value(vm, 'R.decoded(R.encoding("utf-16"), R.bytes("a\\0b"))') == "a\ufffd"


def test_halves_are_replaced(vm: LuaRuntime) -> None:
    """Halves of a pair that meet are a character; alone they are none."""
    for text, expected in (("\ud83d\ude00", "😀"), ("a\ud83db", "a\ufffdb"), ("\ude00\ud83d", "\ufffd\ufffd")):
        assert value(vm, f"R.encoded(R.encoding('utf-8'), {quoted(text)}).data") == expected
        assert (
            value(vm, f"R.decoded(R.encoding('utf-16'), R.encoded(R.encoding('utf-16'), {quoted(text)}))") == expected
        )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('R.from_base64(" YW\\r\\nJj\\t")', "abc"), ('R.from_base64("QR==")', "A"), ('R.from_base64("")', ""),
        ('R.to_base64(R.bytes("abcdef"), 1, 3)', "YmNk"), ('R.to_hex(R.bytes("\\1\\255"))', "01FF"),
        ('R.bits_text(R.bytes("\\10\\255\\1"))', "0A-FF-01"), ('R.bits_text(R.bytes("\\10\\255\\1"), 1, 1)', "FF"),
        ('R.bits_text(R.bytes(""))', ""),
        ('R.to_base64(R.bytes(string.rep("a", 57)), nil, nil, 1)', base64.b64encode(b"a" * 57).decode()),
        ('R.to_base64(R.bytes(string.rep("a", 58)), nil, nil, 1)', base64.b64encode(b"a" * 57).decode() + "\r\nYQ=="),
        ('R.hex(R.bits_of(1, "int").data)', "01000000"), ('R.hex(R.bits_of(-2LL, "long").data)', "feffffffffffffff"),
        ('R.hex(R.bits_of(1.5, "double").data)', struct.pack("<d", 1.5).hex()),
        ('R.hex(R.bits_of(97, "char").data)', "6100"),
        ('R.bits_to("int", R.bytes("\\255\\255\\255\\255\\0"), 0)', -1),
        ('R.bits_to("ushort", R.bytes("\\0\\1\\2"), 1)', 513),
        ('R.bits_to("long", R.bytes("\\1\\0\\0\\0\\0\\0\\0\\128"), 0)', "-9223372036854775807"),
        ("R.double_bits(1.0)", "4607182418800017408"), ("R.bits_double(4607182418800017408LL)", 1.0),
        ('R.encoding("UTF-8").name', "utf-8"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, call: str, expected: object) -> None:
    """White space in base64, parts of arrays, little-endian numbers."""
    assert value(vm, call) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('R.from_base64("abc")', "not a valid Base-64 string"), ('R.from_base64("a=b=")', "not a valid Base-64 string"),
        ('R.from_base64("====")', "not a valid Base-64 string"),
        ('R.from_base64("YW-_")', "not a valid Base-64 string"),
        ("R.from_base64(nil)", "Value cannot be null. (Parameter 's')"),
        ('R.from_hex("abc")', "not a valid hex string"),
        ('R.from_hex("zz")', "not a valid hex string"), ('R.encoding("klingon")', "is not a supported encoding name"),
        ('R.decoded(R.encoding("utf-8"), R.bytes("ab"), 1, 2)', "Index and count must refer to a location"),
        ('R.bits_to("int", R.bytes("ab"), 0)', "Destination array is not long enough"),
        ('R.bits_to("int", R.bytes("ab"), 2)', "startIndex"),
        ('R.encoded(R.encoding("utf-8"), nil)', "Value cannot be null"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """What .NET throws."""
    with pytest.raises(Thrown, match=message.replace("(", r"\(").replace(")", r"\)")):
        value(vm, call)
