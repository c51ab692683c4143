"""JSON text to tokens, as Newtonsoft.Json 13 reads it.

Messages and leniency: the reference of JsonTextReader, JToken.Load and JsonLoadSettings, and the messages as its users
quote them in Newtonsoft's issues.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from json_lab import call

READ = 'return R.json_text(R.json_parse(a, "JToken"), true)'
OBJECT = 'return R.json_text(R.json_parse(a, "JObject"), true)'

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.é😀", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON, escape=st.booleans(), indent=st.sampled_from([None, 2]))
def test_values_survive(vm: LuaRuntime, value: Any, escape: bool, indent: int | None) -> None:
    """Whatever Python writes is read and written again, whole numbers of any size too."""
    text = json.dumps(value, ensure_ascii=escape, indent=indent)
    written = call(vm, 'return R.json_text(R.json_parse(a, "JToken", false), true)', text)
    assert json.loads(written) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{'a':'x',b:[1,2]}", '{"a":"x","b":[1,2]}'),
        ('{"a":1,}', '{"a":1}'),
        ("[1,]", "[1]"),
        ("[1,,2]", "[1,undefined,2]"),
        ("// c\n{ /* d */ }", "{}"),
        ('{"a":1,"b":2,"a":3}', '{"a":3,"b":2}'),
        ("[010, 0x1F, .5, 1., -Infinity, NaN]", '[8,31,0.5,1.0,"-Infinity","NaN"]'),
        ("[1.0, 1e3, 100, 9223372036854775807, -9223372036854775808, 12345678901234567890]",
         "[1.0,1000.0,100,9223372036854775807,-9223372036854775808,12345678901234567890]"),
        ('"\\u00e9\\ud83d\\ude00\\ud83d"', '"é😀\ufffd"'),
        ("\ufeff[true,false,null]", "[true,false,null]"),
        ('"a\tb\u2028"', '"a\\tb\\u2028"'),
    ],
)  # fmt: skip
def test_what_is_accepted(vm: LuaRuntime, text: str, written: str) -> None:
    """What JsonTextReader takes beyond RFC 8259."""
    assert call(vm, READ, text) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Error reading JObject from JsonReader. Path '', line 0, position 0."),
        ("<a>", "Unexpected character encountered while parsing value: <. Path '', line 0, position 0."),
        ("[1]", "Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. "
                "Path '', line 1, position 1."),
        ('{"a":S}', "Unexpected character encountered while parsing value: S. Path 'a', line 1, position 5."),
        ('{"a":1 b', "After parsing a value an unexpected character was encountered: b. Path 'a', line 1, position 7."),
        ('{"a":[1,x]}', "Unexpected character encountered while parsing value: x. Path 'a[0]', line 1, position 8."),
        ('{"a b":{\n"c":tru}}', "Error parsing boolean value. Path '['a b'].c', line 2, position 5."),
        ('{"a":"x', "Unterminated string. Expected delimiter: \". Path 'a', line 1, position 7."),
        ('{"a":"\\q"}', "Bad JSON escape sequence: \\q. Path 'a', line 1, position 8."),
        ('{"a":', "Unexpected end of content while loading JObject. Path 'a', line 1, position 5."),
        ('{"a"}', "Invalid character after parsing property name. Expected ':' but got: }. "
                  "Path 'a', line 1, position 4."),
        ("{}x", "Additional text encountered after finished reading JSON content: x. Path '', line 1, position 2."),
        ('{"a":12g}', "Unexpected character encountered while parsing number: g. Path 'a', line 1, position 7."),
        ('{"a":1.2.3}', "Input string '1.2.3' is not a valid number. Path 'a', line 1, position 10."),
        ("{]", "Invalid property identifier character: ]. Path '', line 1, position 1."),
    ],
)  # fmt: skip
def test_messages(vm: LuaRuntime, text: str, message: str) -> None:
    """JsonReaderException's text, with path, line and position."""
    assert call(vm, OBJECT, text) == f"! {message}"


def test_depth(vm: LuaRuntime) -> None:
    """64 levels, as JsonReader.MaxDepth has it."""
    assert call(vm, READ, "[" * 64 + "]" * 64) == "[" * 64 + "]" * 64
    assert call(vm, READ, "[" * 65 + "]" * 65).startswith("! The reader's MaxDepth of 64 has been exceeded. Path '[0]")


@given(st.binary(max_size=40) | st.text("{}[]:,\"'\\/*u0d8-.eENI \n", max_size=40).map(str.encode))
def test_any_bytes(vm: LuaRuntime, data: bytes) -> None:
    """A token, or a JsonReaderException; what was read is read again to the same."""
    read = 'local ok, t = pcall(R.json_parse, a, "JToken") return ok and R.json_text(t, true) or t.detail'
    assert not call(vm, read, data).startswith("!")
