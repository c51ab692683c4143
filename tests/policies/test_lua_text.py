"""Lua literals mean what was put into them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from tidegate.diagnostics import Span
from tidegate.policies.lua_text import LuaWriter, lua_string, lua_value

VM = LuaRuntime(encoding=None)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_strings(text: str) -> None:
    """Any text is its UTF-8 bytes, on one line, and nothing in it is code."""
    literal = lua_string(text)
    assert "\n" not in literal
    assert VM.eval(literal.encode()) == text.encode()


def test_values() -> None:
    """Tables with text keys, lists, and what None leaves out."""
    assert lua_value({"a": 1, "b": None, "c": [True, "x", 2.5], 'd"': {}}) == (
        '{["a"] = 1, ["c"] = {true, "x", 2.5}, ["d\\""] = {}}'
    )
    assert lua_value(None) == "nil"


def test_writer() -> None:
    """Blocks indent, locals are new names, equal constants are one, lines know their place."""
    writer, place = LuaWriter(), Span("x", 3, 1, 3, 2)
    with writer.at(place), writer.block("do"):
        writer.line(f"{writer.local('1')} = {writer.local()}")
        with writer.captured() as aside:
            writer.line("later")
    assert [writer.constant(c) for c in ("{}", "{1}", "{}")] == ["K[1]", "K[2]", "K[1]"]
    assert [text for text, _ in writer.lines] == ["do", "  local v1 = 1", "  local v2", "  v1 = v2", "end"]
    assert {span for _, span in writer.lines} == {place}
    assert aside == [("  later", place)]
