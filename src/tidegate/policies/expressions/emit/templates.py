"""Rows of members to Lua: what their templates name, how often, and in which order."""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Template:
    """What a row's Lua needs of its arguments."""

    has_receiver: bool
    reads_variables: bool
    begins_with_receiver: bool
    keeps_order: bool
    """Whether receiver and arguments are named once each, in order: then they can stand where they are named."""


@cache
def template(lua: str, arguments: int) -> Template:
    """Look once at each row's text."""
    fields = [name for _, name, _, _ in string.Formatter().parse(lua) if name]
    numbers = [int(name) for name in fields if name.isdigit()]
    behind = fields.count("rest")
    in_order = numbers == sorted(set(numbers)) and (not behind or fields[-1] == "rest" or numbers == [])
    return Template(
        has_receiver=0 in numbers,
        reads_variables="variables" in fields,
        begins_with_receiver=lua.startswith("{0}"),
        keeps_order=in_order and len(numbers) + behind >= min(arguments, 1),
    )
