"""What statements write their Lua to: the writer of lines, and the facts about the whole program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tidegate.policies.expressions.types import Type
from tidegate.policies.lua_text import LuaWriter, lua_string

MAX_LOCALS: Final = 40
"""Lua has 200 locals for a function; the rest is for statements."""
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
    table: bool = True
    """Whether there is a table of variables: where all reads are of variables that are certainly set, there is none."""
    locals: list[str] = field(default_factory=list)
    """Lua locals of the function that is being written."""
    keeps_token: bool = False
    """Whether the token that a validate-jwt has verified is wanted later."""
    jwt: str = ""
    """Its Lua local, once there is one: what the last validate-jwt verified."""
    changes_origin: bool = False
    """Whether a policy changes the request's Origin header: then the response cannot know from it what cors decided."""
    changes_every_response: bool = False
    """Whether headers may have to be added to the response, whoever makes it."""

    @property
    def message(self) -> str:
        """The Lua name of the headers that set-header changes here."""
        return "response" if self.section in RESPONSE_SECTIONS else "request"

    def verified_token(self, value: str) -> str:
        """Write the assignment of the token that was just verified, for who wants it later; the Lua local."""
        if not self.jwt:
            self.jwt = "verified"
            self.locals.append(self.jwt)
        self.lua.line(f"{self.jwt} = {value}")
        return self.jwt

    def set_variable(self, name: str, value: str, type_: Type) -> None:
        """Write the assignment of a variable that is certainly set from here on to the end of the function."""
        local, _ = self.lua.known.get(name, ("", ""))
        if not local and len(self.locals) < MAX_LOCALS:
            local = f"var{len(self.locals) + 1}"
            self.locals.append(local)
        if local:
            self.lua.line(f"{local} = {value}")
            self.lua.known[name] = (local, type_.name)
            value = local
        if self.table:
            self.lua.line(f"variables[{lua_string(name)}] = {value}")
        elif not local:
            self.lua.line(f"local _ = {value}")  # Nobody reads it; what computes it still runs.
