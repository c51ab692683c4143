"""Values in the cache keep their .NET types."""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import runtime

_SAME = b"""
function same(value)
  local text = R.cache_text(value)
  local again, known = R.cached_value(text)
  if not known then return "unknown" end
  if R.type_of(again) ~= R.type_of(value) then return R.type_of(again) end
  return R.equals(again, value) or R.cache_text(again) == text
end
"""


@pytest.fixture(scope="module")
def values() -> LuaRuntime:
    vm = runtime()
    vm.execute(_SAME)
    return vm


@pytest.mark.parametrize(
    "value",
    [
        '""',
        '"text\\nand more"',
        "true",
        "false",
        "nil",
        "0",
        "-2147483648",
        "9223372036854775807LL",
        "-9223372036854775807LL - 1",
        "18446744073709551615ULL",
        'R.box("double", 0.1)',
        'R.box("double", 1/0)',
        'R.box("double", -1/0)',
        'R.box("double", 0/0)',
        'R.box("char", 65)',
        'R.box("byte", 255)',
        'R.decimal("-12345678901234567890.120")',
        'R.bytes("\\0\\1\\255")',
        '{n = 3, "a", nil, "b: 1"}',
        "{n = 0}",
        'R.json_parse([[{"b":1,"a":[1.5,null,"x",true]}]], "JObject")',
        'R.json_parse("[1,2]", "JArray")',
        'R.json_parse("12", "JToken")',
        "R.new_guid()",
        "R.datetime(637134336000000000LL, 1)",
        "R.timespan(-15LL)",
        "R.offset_now()",
    ],
)
def test_round_trip(values: LuaRuntime, value: str) -> None:
    """What comes out is of the type and the value that went in."""
    assert values.execute(f"return same({value})".encode()) is True


def test_what_has_no_text_is_refused(values: LuaRuntime) -> None:
    """Keeping half a value would be worse than failing."""
    ok, problem = values.execute(
        b"local ok, p = pcall(R.cache_text, R.new_response(R.new_headers({}))) return ok, p.detail"
    )
    assert (ok, problem) == (False, b"A value of type 'IResponse' cannot be cached.")
    assert values.execute(b"return select(2, R.cached_value('Unheard\\nof'))") is False


def test_long_keys_are_refused(values: LuaRuntime) -> None:
    """Nobody fills memory with keys."""
    assert values.execute(b"return pcall(R.cache_get, string.rep('k', 5000))")[0] is False
