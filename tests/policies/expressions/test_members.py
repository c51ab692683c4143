"""The table of members is consistent."""

from __future__ import annotations

import string

from lupa.luajit21 import LuaRuntime

from expression_lab import runtime
from tidegate.policies.expressions.members import MEMBERS, names, rows
from tidegate.policies.expressions.types import JWT, STRING_ARRAY, VARIABLES


def test_every_row_has_lua_unless_it_leads_further() -> None:
    """What is a value can be computed; what is none never needs to be."""
    for row in MEMBERS:
        assert bool(row.lua) == (row.result.is_value or row.effect), row


def test_functions_of_the_runtime_exist() -> None:
    """A row that names R.something names a function that is there."""
    vm: LuaRuntime = runtime()
    for row in MEMBERS:
        if "R." in row.lua:
            name = row.lua.split("R.")[1].split("(")[0]
            assert vm.eval(f"type(R.{name})".encode()) == b"function", name


def test_templates_name_what_is_there() -> None:
    """Receiver, arguments, the ambient names, and type variables of the row."""
    ambient = {"request", "response", "variables", "q", "count", "rest"}
    for row in MEMBERS:
        fields = {field for _, field, _, _ in string.Formatter().parse(row.lua) if field}
        numbers = {int(f) for f in fields if f.isdigit()}
        types = {v.name for v in (*row.variables, *row.owner.arguments) if v.is_variable}
        types |= {f"{name}_whole" for name in types}
        assert fields - ambient - types <= {str(n) for n in numbers}, row
        assert max(numbers, default=0) <= len(row.parameters or ())


def test_arrays_have_the_members_of_sequences() -> None:
    """FirstOrDefault is declared once."""
    assert rows(STRING_ARRAY, "FirstOrDefault")
    assert {"Length", "First", "Contains"} <= set(names(STRING_ARRAY))
    assert {"Algorithm", "Audiences", "Claims", "ExpirationTime", "Id", "Issuer"} <= set(names(JWT))
    assert "GetValueOrDefault" in names(VARIABLES)
