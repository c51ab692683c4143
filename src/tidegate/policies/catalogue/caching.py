"""What the policies of the cache have in common."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter

CACHING_TYPES: Final = ("prefer-external", "internal", "external")


def read_caching_type(reader: ElementReader) -> None:
    """`caching-type`: there is one cache, the gateway's own. prefer-external falls back to it, as in API Management."""
    kind = reader.choice("caching-type", CACHING_TYPES, default="prefer-external")
    if kind == "external":
        attribute = reader.element.attributes["caching-type"]
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=attribute.span,
            value=kind,
            expected="a cache that Tidegate has",
            help='write caching-type="prefer-external": without an external cache that is the internal one',
        )


def set_in_table(out: ProgramWriter, variable: str, value: str) -> None:
    """Write the assignment of a variable whose type only the running program knows, or that may not be assigned."""
    out.lua.known.pop(variable, None)
    out.lua.reads_table = True
    out.lua.line(f"variables[{lua_string(variable)}] = R.held({value})")
