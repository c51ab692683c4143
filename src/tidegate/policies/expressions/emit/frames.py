"""Which Lua function is being written, and how `return`, `break` and `continue` leave it."""

from __future__ import annotations

from dataclasses import dataclass, field

RETURN_CODE = 1
"""What a guarded part gives back when it returned; jumps give back `2n` and `2n + 1`."""


@dataclass(slots=True)
class Frame:
    """A function of Lua, or the inline block of `@{...}`."""

    result: str = ""
    """The local that takes the returned value of an inline block."""
    label: str = ""
    """Its end."""
    is_guarded: bool = False
    """The body of a `try`: a function whose ways out are told by a number."""
    loops: dict[int, str] = field(default_factory=dict)
    """Loops and switches that stand in this function, by number: what their labels are called."""
    codes: set[int] = field(default_factory=set)
    """The ways out of a guarded part that are used."""
    caught: list[str] = field(default_factory=list)
    """Exceptions of the catches around, innermost last."""
