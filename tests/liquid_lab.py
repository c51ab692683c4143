"""Liquid templates in tests: a text to its Lua, and to what LuaJIT writes for a body."""

from __future__ import annotations

from lupa.luajit21 import LuaRuntime

from tidegate.diagnostics import Found
from tidegate.policies.liquid import Template, read_template
from tidegate.policies.named_values import substitute
from tidegate.sources.placed import Placed
from tidegate.sources.source import Source

_RUN = b"""
local source, body, nil_is_null = ...
local template = assert(load("local R = ... return " .. source))(R)
local function read()
  if body == "" then return nil end
  if string.sub(body, 1, 1) == "<" then return R.xml_parse(body) end
  return R.liquid.native(R.json_parse(body))
end
local ok, text = pcall(R.liquid_text, template, read, {}, { nil_is_null = nil_is_null })
return ok and text or "! " .. (type(text) == "table" and text.detail or text)
"""


def compiled(text: str, found: Found | None = None) -> Template | None:
    """The template of a text, as set-body reads it."""
    found = Found() if found is None else found
    source = Source("p.xml", text)
    written = substitute(Placed(text, source, ((0, 0),)), {}, found=found, is_template=True)
    assert written is not None
    return read_template(written, found=found)


def problems(text: str) -> list[str]:
    """`line:column code message` of each diagnostic."""
    found = Found()
    compiled(text, found)
    return [f"{d.span.line}:{d.span.column} {d.code.code} {d.message}" for d in found.sorted() if d.span]


def render(vm: LuaRuntime, text: str, body: str | bytes = "", *, nil_is_null: bool = False) -> str:
    """What the template writes; an exception as `! message`."""
    template = compiled(text)
    assert template is not None, problems(text)
    data = body.encode() if isinstance(body, str) else body
    shown: bytes = vm.execute(_RUN, template.lua.encode(), data, nil_is_null)
    return shown.decode(errors="replace")
