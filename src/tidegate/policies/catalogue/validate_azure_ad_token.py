"""`validate-azure-ad-token`: a token of one Microsoft Entra tenant, for some applications.

Source: the page "Validate Microsoft Entra token" (validate-azure-ad-token-policy) of API Management's reference. Both
metadata documents of the tenant count, since v1 and v2 tokens name different issuers. Microsoft's hosts are answered by
the local token service unless the user wants the real ones (adapters.issuers), as they are for validate-jwt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.tokens import (
    TokenPolicy,
    claim_values,
    read_claims,
    read_listed,
    read_refusal,
    read_source,
)
from tidegate.policies.lua_text import LuaValue
from tidegate.policies.settings import Setting

AUTHORITY: Final = "https://login.microsoftonline.com"
_TENANT: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_TENANT_URL: Final = re.compile(r"(https?://[^\s/?#]+)/([^\s/?#]+)(?:/v2\.0)?/?")


@dataclass(frozen=True, slots=True)
class ValidateAzureAdToken(TokenPolicy):
    tenant: str
    clients: tuple[Setting, ...] | None
    backends: tuple[Setting, ...] | None

    name: ClassVar[str] = "validate-azure-ad-token"

    def rules(self) -> dict[str, LuaValue]:
        header = self.header
        # Where an expression names the header, the runtime asks for the scheme in this one only.
        authorization = header and (header.expression or str(header.literal).lower() == "authorization")
        clients: dict[str, LuaValue] = {str(c.literal).strip(): True for c in self.clients or ()}
        audiences: dict[str, LuaValue] = {}
        for backend in self.backends or ():
            identifier = str(backend.literal).strip()
            audiences |= {identifier: True, f"api://{identifier}": True}
        return {
            # The page: expected "in the default Authorization header using the Bearer scheme".
            "scheme": "bearer" if authorization else None,
            "clients": clients if self.clients else None,
            "audiences": audiences if self.backends or self.audiences is not None else None,
        }

    def summary(self) -> str:
        parts = [f"tenant {self.tenant}"]
        if self.clients:
            parts.append(f"clients {', '.join(c.shown for c in self.clients)}")
        if self.backends:
            parts.append(f"backends {', '.join(b.shown for b in self.backends)}")
        return f"validate-azure-ad-token: {'; '.join((*parts, *self.asked()))}"


def read(reader: ElementReader) -> ValidateAzureAdToken | None:
    reader.unsupported_child("decryption-keys", help="certificates of the gateway are not translated")
    source = read_source(reader, default="Authorization")
    refusal, claims = read_refusal(reader), read_claims(reader)
    tenant, openid = _tenant(reader)
    statement = ValidateAzureAdToken(
        span=reader.span,
        policy_id=reader.literal("id") or "",
        header=source.header,
        query_parameter=source.query_parameter,
        token=source.value,
        status=refusal.status,
        message=refusal.message,
        variable=refusal.variable,
        audiences=read_listed(reader, "audiences", "audience"),
        claims=claims,
        claim_values=claim_values(claims),
        openid=openid,
        tenant=tenant,
        clients=_applications(reader, "client-application-ids"),
        backends=_applications(reader, "backend-application-ids"),
    )
    if not reader.finish():
        return None
    if statement.audiences is None and statement.backends is None:
        reader.found.add(codes.AUDIENCE_UNCHECKED, at=reader.span, element=reader.name, help="add `<audiences>`")
    return statement


def _applications(reader: ElementReader, name: str) -> tuple[Setting, ...] | None:
    """Application ids, which are known before the first request."""
    values = read_listed(reader, name, "application-id")
    for value in values or ():
        if value.expression is not None:
            reader.error(codes.EXPRESSION_NOT_ALLOWED, at=value.span, where="`<application-id>`")
    return values


def _tenant(reader: ElementReader) -> tuple[str, tuple[str, ...]]:
    """The tenant as it was written, and its two metadata documents."""
    text = reader.literal("tenant-id", required=True)
    if text is None:
        return "", ()
    authority, tenant = AUTHORITY, text.strip()
    if url := _TENANT_URL.fullmatch(tenant):
        authority, tenant = url[1], url[2]
    if not _TENANT.fullmatch(tenant):
        at = reader.element.attributes["tenant-id"].span
        reader.error(codes.VALUE_UNEXPECTED, at=at, value=text, expected="a tenant's id, domain or URL")
        return text, ()
    return tenant, (
        f"{authority}/{tenant}/v2.0/.well-known/openid-configuration",
        f"{authority}/{tenant}/.well-known/openid-configuration",
    )
