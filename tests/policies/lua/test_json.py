"""The runtime's JSON: strict, bounded, and exact about numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaError, LuaRuntime

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abé😀n", max_size=3), inner, max_size=3),
    max_leaves=8,
)


def again(vm: LuaRuntime, text: str) -> Any:
    """Decoded, encoded, and read by Python."""
    globals_ = vm.globals()
    return json.loads(globals_.R.json_encode(globals_.R.json_decode(text.encode())).decode())


@given(value=JSON, escape=st.booleans(), indent=st.sampled_from([None, 2]))
def test_values_survive(vm: LuaRuntime, value: Any, escape: bool, indent: int | None) -> None:
    """Whatever Python writes, the runtime reads."""
    assert again(vm, json.dumps(value, ensure_ascii=escape, indent=indent)) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "{", "[1", '{"a"}', '{"a":}', '{"a":1,}', "[1,]", "[,]", "{1:2}", "nul", "truefalse", "1 2", "01", "-",
        "1.", ".5", "+1", "1e", "NaN", "Infinity", "1e999",
        '"a', '"\\x"', '"\\u12"', '"\\ud83d"', '"\\ude00"', '"\\ud83d\\u0041"',
        '"\n"', '"\t"', "'a'", '{"a":1 "b":2}', '{"a":1,"a":1}', "// c\n1", "[" * 20 + "]" * 20, "\ufeff1", "1\x00",
    ],
)  # fmt: skip
def test_refused(vm: LuaRuntime, text: str) -> None:
    """What is no JSON, and what readers would disagree about."""
    with pytest.raises(LuaError, match="JSON"):
        vm.globals().R.json_decode(text.encode())


@pytest.mark.parametrize(
    "data", [b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xe2\x82"', b'"\xf0\x80\x80\x80"']
)
def test_bytes_that_are_no_text(vm: LuaRuntime, data: bytes) -> None:
    """Overlong forms, surrogates and cut characters are no UTF-8."""
    with pytest.raises(LuaError, match="UTF-8"):
        vm.globals().R.json_decode(data)


@given(st.binary(max_size=12))
def test_utf8_as_python_sees_it(vm: LuaRuntime, data: bytes) -> None:
    """The runtime's check of UTF-8 agrees with Python's on any bytes."""
    try:
        data.decode("utf-8")
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert vm.globals().R.is_utf8(data) == valid
