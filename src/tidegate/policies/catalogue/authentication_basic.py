"""`authentication-basic`: a user and a password for the backend, in the Authorization header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class AuthenticationBasic(Statement):
    username: Setting
    password: Setting

    name: ClassVar[str] = "authentication-basic"

    def summary(self) -> str:
        return f"authentication-basic {self.username.shown}"

    def emit(self, out: ProgramWriter) -> None:
        if out.changes_request:
            out.trust("authorization")
        user = out.lua.local(self.username.emit(out.lua))
        password = out.lua.local(self.password.emit(out.lua))
        out.lua.line(f"R.authenticate_basic({out.message}, {user}, {password})")


def read(reader: ElementReader) -> AuthenticationBasic | None:
    username = reader.setting("username", required=True)
    password = reader.setting("password", required=True)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or username is None or password is None:
        return None
    return AuthenticationBasic(reader.span, policy_id, username, password)
