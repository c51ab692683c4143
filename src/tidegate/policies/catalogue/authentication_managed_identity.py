"""`authentication-managed-identity`: a token of the gateway's own identity for a resource.

It goes to the backend as `Authorization: Bearer`, or into a variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import STRING
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class AuthenticationManagedIdentity(Statement):
    resource: Setting
    client_id: Setting | None
    variable: str | None
    ignores_errors: bool

    name: ClassVar[str] = "authentication-managed-identity"

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def summary(self) -> str:
        as_whom = f" as {self.client_id.shown}" if self.client_id else ""
        into = f" into {self.variable}" if self.variable else ""
        return f"authentication-managed-identity for {self.resource.shown}{as_whom}{into}"

    def emit(self, out: ProgramWriter) -> None:
        resource = out.lua.local(self.resource.emit(out.lua))
        client = out.lua.local(self.client_id.emit(out.lua)) if self.client_id is not None else "nil"
        token = out.lua.local(f"R.managed_identity(q, {resource}, {client}, {lua_value(self.ignores_errors)})")
        if self.variable is not None:
            out.set_variable(self.variable, token, STRING, nullable=self.ignores_errors)
            return
        with out.lua.block(f"if {token} then"):
            if out.changes_request:
                out.trust("authorization", certain=not self.ignores_errors)
            out.lua.line(f'R.set({out.message}, "authorization", "Bearer " .. {token})')


def read(reader: ElementReader) -> AuthenticationManagedIdentity | None:
    resource = reader.setting("resource", required=True)
    client_id = reader.setting("client-id")
    variable = reader.literal("output-token-variable-name")
    ignores_errors = reader.flag("ignore-error", default=False)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or resource is None:
        return None
    return AuthenticationManagedIdentity(reader.span, policy_id, resource, client_id, variable, ignores_errors)
