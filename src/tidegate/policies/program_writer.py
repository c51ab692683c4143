"""What statements write their Lua to: the writer of lines, and the facts about the whole program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tidegate.policies.lua_text import LuaWriter

RESPONSE_SECTIONS: Final = ("outbound", "on-error")


@dataclass(slots=True)
class ProgramWriter:
    """One program in the making. Statements write lines and record what the runtime must do around them."""

    lua: LuaWriter = field(default_factory=LuaWriter)
    section: str = "inbound"
    """The section that is being written."""
    issuers: set[str] = field(default_factory=set)
    """OpenID metadata URLs whose keys are needed."""
    preflight: list[str] = field(default_factory=list)
    """Constants of the cors policies, in order."""
    trusted: set[str] = field(default_factory=set)
    """Request headers that policies set: other spellings of them are removed from what the client sent."""
    variables: bool = False
    """Whether any statement sets or reads variables."""
    changes_every_response: bool = False
    """Whether headers may have to be added to the response, whoever makes it."""

    @property
    def message(self) -> str:
        """The Lua name of the headers that set-header changes here."""
        return "response" if self.section in RESPONSE_SECTIONS else "request"
