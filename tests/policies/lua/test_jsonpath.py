"""SelectToken and SelectTokens. Source: Newtonsoft's page "Querying JSON with complex JSON Path", JPath's reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from json_lab import call

STORE = """{"Stores":["Lambton Quay","Willis Street"],"Manufacturers":[
{"Name":"Acme Co","Products":[{"Name":"Anvil","Price":50}]},
{"Name":"Contoso","Products":[{"Name":"Elbow Grease","Price":99.95},{"Name":"Headlight Fluid","Price":4}]}],
"odd name":{"it's":true}}"""

ALL = """
local found, texts = R.json_select_all(R.json_parse(a), b), {}
for i = 1, found.n do texts[i] = R.json_text(found[i], true) end
return table.concat(texts, " ")
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Manufacturers[0].Name", '"Acme Co"'),
        ("$.Manufacturers[?(@.Name == 'Acme Co')].Products[0].Price", "50"),
        ("$..Products[?(@.Price >= 50)].Name", '"Anvil" "Elbow Grease"'),
        ("$.Manufacturers[*].Products[-1:].Name", '"Anvil" "Headlight Fluid"'),
        ("$..Price", "50 99.95 4"),
        ("Stores[0,1]", '"Lambton Quay" "Willis Street"'),
        ("Stores[::-1]", '"Willis Street" "Lambton Quay"'),
        ("Stores[1:]", '"Willis Street"'),
        ("['odd name']['it\\'s']", "true"),
        ("$['Stores','odd name']", '["Lambton Quay","Willis Street"] {"it\'s":true}'),
        ("$.Manufacturers[?(@.Products[?(@.Price == 4)])].Name", '"Contoso"'),
        ("$..[?(@.Price > 4 && @.Price < 99 || @.Name == 'x')].Name", '"Anvil"'),
        ("$..[?(@.Name != 'Anvil' && @.Price)].Price", "99.95 4"),
        ("$.Manufacturers[?(@.Name == $.Manufacturers[1].Name)].Name", '"Contoso"'),
        ("nothing.here", ""),
        ("Stores[7]", ""),
    ],
)
def test_paths(vm: LuaRuntime, path: str, found: str) -> None:
    """Each kind of filter."""
    assert call(vm, ALL, STORE, path) == found


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a..", "Unexpected end while parsing path."),
        ("a[", "Path ended with open indexer."),
        ("a[x]", "Unexpected character while parsing path indexer: x"),
        ("a[?(@.b", "Path ended with open query."),
        ("a['b", "Path ended with an open string."),
        ("a[]", "Array index expected."),
        ("a[0:1:0]", "Step cannot be zero."),
    ],
)
def test_bad_paths(vm: LuaRuntime, path: str, message: str) -> None:
    """JsonException's text."""
    assert call(vm, ALL, "{}", path) == f"! {message}"


def test_one_token(vm: LuaRuntime) -> None:
    """SelectToken: one, none, too many, and errorWhenNoMatch."""
    one = "local t = R.json_select(R.json_parse(a), b, c == 'true') return t and R.json_shown(t)"
    assert call(vm, one, STORE, "Stores[0]") == "Lambton Quay"
    assert call(vm, one, STORE, "Nope") is None
    assert call(vm, one, STORE, "Stores[*]") == "! Path returned multiple tokens."
    assert call(vm, one, STORE, "Nope", "true") == "! Property 'Nope' does not exist on JObject."
    assert call(vm, one, STORE, "Stores[9]", "true") == "! Index 9 outside the bounds of JArray."


@given(st.text("$.[]()?@*'=<>&|!,:0aN -/~", max_size=24))
def test_any_path(vm: LuaRuntime, path: str) -> None:
    """Tokens, or an exception with a text."""
    source = "local ok, problem = pcall(R.json_select_all, R.json_parse(a), b) return ok or problem.detail ~= nil"
    assert call(vm, source, STORE, path) is True
