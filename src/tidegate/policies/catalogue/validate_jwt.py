"""`validate-jwt`: a token must be there, signed by a known key, current, and say what is asked of it.

Source: the page "Validate JWT" (validate-jwt-policy) of API Management's reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.token_keys import read_keys
from tidegate.policies.catalogue.tokens import (
    MAX_SKEW_S,
    TokenKey,
    TokenPolicy,
    bounded,
    claim_values,
    read_claims,
    read_listed,
    read_refusal,
    read_source,
)
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.lua_text import LuaValue
from tidegate.policies.settings import Setting

_URL: Final = re.compile(r"https?://[^\s/?#]+[^\s#]*")


@dataclass(frozen=True, slots=True)
class ValidateJwt(TokenPolicy):
    issuers: tuple[Setting, ...] | None
    scheme: Setting | None
    require_expiration: Setting | None
    require_signed: Setting | None
    skew: Setting | None
    signing: tuple[TokenKey, ...]
    decryption: tuple[TokenKey, ...]

    name: ClassVar[str] = "validate-jwt"

    def rules(self) -> dict[str, LuaValue]:
        return {
            "issuers": None if self.issuers is None else {},
            "signing": tuple(key.as_lua() for key in self.signing) or None,
            "decryption": tuple(key.as_lua() for key in self.decryption) or None,
        }

    def parts(self) -> Iterator[tuple[str, Setting | None]]:
        yield from TokenPolicy.parts(self)
        for issuer in self.issuers or ():
            yield "issuers", issuer
        # The reference: ignored unless the token is read from the Authorization header.
        if self.header and (self.header.expression or str(self.header.literal).lower() == "authorization"):
            yield "scheme", _lower(self.scheme)
        yield "require_expiration", self.require_expiration
        yield "require_signed", self.require_signed
        yield "skew", self.skew

    def summary(self) -> str:
        keys = [f"keys of {', '.join(self.openid)}"] if self.openid else []
        if self.signing:
            keys.append(f"{len(self.signing)} key{'s' if len(self.signing) > 1 else ''} of the policy")
        issuers = [f"issuers {', '.join(i.shown for i in self.issuers)}"] if self.issuers else []
        audiences, *claims = [*self.asked(), ""] if self.audiences else ["", *self.asked()]
        return f"validate-jwt: {'; '.join(part for part in (*keys, audiences, *issuers, *claims) if part)}"


def _lower(scheme: Setting | None) -> Setting | None:
    """The word in lower case, as the runtime compares it."""
    if scheme is None or scheme.expression or not isinstance(scheme.literal, str):
        return scheme
    return Setting(scheme.literal.lower(), None, scheme.span, scheme.shown)


def read(reader: ElementReader) -> ValidateJwt | None:
    source, refusal, claims = read_source(reader), read_refusal(reader), read_claims(reader)
    statement = ValidateJwt(
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
        openid=_openid(reader),
        issuers=read_listed(reader, "issuers", "issuer"),
        scheme=reader.setting("require-scheme"),
        require_expiration=reader.setting("require-expiration-time", BOOL),
        require_signed=reader.setting("require-signed-tokens", BOOL),
        skew=bounded(reader, "clock-skew", 0, MAX_SKEW_S),
        signing=read_keys(reader, "issuer-signing-keys", signing=True),
        decryption=read_keys(reader, "decryption-keys", signing=False),
    )
    if not statement.openid and not statement.signing and reader.ok:
        reader.error(codes.TOKEN_UNCHECKED, at=reader.span)
    if not reader.finish():
        return None
    if statement.require_signed and statement.require_signed.literal is not True:
        reader.found.add(codes.TOKEN_UNSIGNED, at=statement.require_signed.span, help="remove it")
    if statement.audiences is None:
        reader.found.add(codes.AUDIENCE_UNCHECKED, at=reader.span, element=reader.name, help="add `<audiences>`")
    return statement


def _openid(reader: ElementReader) -> tuple[str, ...]:
    urls: list[str] = []
    for child in reader.children("openid-config"):
        url = child.literal("url", required=True)
        child.finish()
        if url is not None and not _URL.fullmatch(url):
            child.error(
                codes.VALUE_UNEXPECTED, at=child.element.attributes["url"].span, value=url, expected="an http(s) URL"
            )
        if url is not None and url not in urls:
            urls.append(url)
    return tuple(urls)
