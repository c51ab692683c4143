"""`validate-jwt`: a token must be there, signed by a known key, current, and say what is asked of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import JWT
from tidegate.policies.lua_text import lua_string, lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_URL: Final = re.compile(r"https?://[^\s/?#]+[^\s#]*")
_SOURCES: Final = ("header-name", "query-parameter-name", "token-value")


@dataclass(frozen=True, slots=True)
class Claim:
    name: str
    values: tuple[str, ...]
    any: bool
    separator: str | None


@dataclass(frozen=True, slots=True)
class ValidateJwt(Statement):
    header: str | None
    query_parameter: str | None
    token: Setting | None
    scheme: str | None
    openid: tuple[str, ...]
    audiences: tuple[str, ...] | None
    issuers: tuple[str, ...] | None
    claims: tuple[Claim, ...]
    status: int
    message: str | None
    require_expiration: bool
    skew_s: int
    variable: str | None

    name: ClassVar[str] = "validate-jwt"

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def summary(self) -> str:
        parts = [f"keys of {', '.join(self.openid)}"]
        if self.audiences:
            parts.append(f"audiences {', '.join(self.audiences)}")
        if self.issuers:
            parts.append(f"issuers {', '.join(self.issuers)}")
        parts += (f"claim {c.name}{_values(c)}" for c in self.claims)
        return f"validate-jwt: {'; '.join(parts)}"

    def emit(self, out: ProgramWriter) -> None:
        out.issuers.update(self.openid)
        rules = out.lua.constant(
            lua_value(
                {
                    "openid": self.openid,
                    "scheme": self.scheme.lower() if self.scheme else None,
                    "status": self.status,
                    "message": self.message,
                    "skew": self.skew_s,
                    "require_expiration": self.require_expiration,
                    "audiences": dict.fromkeys(self.audiences, True) if self.audiences else None,
                    "issuers": dict.fromkeys(self.issuers, True) if self.issuers else None,
                    "claims": tuple(
                        {"name": c.name, "values": c.values, "any": c.any or None, "separator": c.separator}
                        for c in self.claims
                    ),
                }
            )
        )
        if self.header:
            text = f"(q.request:get({lua_string(self.header.lower())}))"
        elif self.query_parameter:
            text = f"R.query_parameter(q.request, {lua_string(self.query_parameter)})"
        else:
            text = self.token.emit(out.lua) if self.token else "nil"
        call = f"R.validate_jwt(q, {rules}, {text})"
        if out.keeps_token:
            call = out.verified_token(call)
        if self.variable:
            out.set_variable(self.variable, call, JWT)
        elif not out.keeps_token:
            out.lua.line(call)


def _values(claim: Claim) -> str:
    return f" {(' or ' if claim.any else ' and ').join(claim.values)}" if claim.values else ""


def read(reader: ElementReader) -> ValidateJwt | None:
    reader.unsupported_child(
        "issuer-signing-keys", "decryption-keys", help="name the issuer's metadata in `<openid-config>` instead"
    )
    header, query = reader.literal("header-name"), reader.literal("query-parameter-name")
    token = reader.setting("token-value")
    if sum(name in reader.element.attributes for name in _SOURCES) != 1:
        reader.error(codes.TOKEN_SOURCE, at=reader.span)
    if header is not None and not is_header_name(header):
        reader.error(codes.HEADER_NAME, at=reader.element.attributes["header-name"].span, name=header)
    if not reader.flag("require-signed-tokens", default=True):
        reader.error(
            codes.ATTRIBUTE_UNSUPPORTED,
            at=reader.element.attributes["require-signed-tokens"].name_span,
            element="validate-jwt",
            name='require-signed-tokens="false"',
            help="remove it: a token without a signature says nothing",
        )
    scheme = reader.literal("require-scheme")
    statement = ValidateJwt(
        span=reader.span,
        policy_id=reader.literal("id") or "",
        header=header,
        query_parameter=query,
        token=token,
        # The reference: ignored unless the token is read from the Authorization header.
        scheme=scheme if header is not None and header.lower() == "authorization" else None,
        openid=_openid(reader),
        audiences=reader.listed("audiences", "audience"),
        issuers=reader.listed("issuers", "issuer"),
        claims=_claims(reader),
        status=reader.number("failed-validation-httpcode", default=401, low=400, high=599),
        message=reader.literal("failed-validation-error-message"),
        require_expiration=reader.flag("require-expiration-time", default=True),
        skew_s=reader.number("clock-skew", default=0, low=0, high=86_400),
        variable=reader.literal("output-token-variable-name"),
    )
    if not reader.finish():
        return None
    if statement.audiences is None:
        reader.found.add(codes.AUDIENCE_UNCHECKED, at=reader.span, help="add `<audiences>`")
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
    if not urls and reader.ok:
        reader.error(codes.TOKEN_UNCHECKED, at=reader.span)
    return tuple(urls)


def _claims(reader: ElementReader) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for group in reader.child("required-claims"):
        for child in group.children("claim"):
            name = child.literal("name", required=True)
            match = child.choice("match", ("all", "any"), default="all")
            separator = child.literal("separator")
            values = tuple(text for v in child.children("value") if (text := v.literal_text()) is not None)
            child.finish()
            claims.append(Claim(name or "", values, match == "any", separator or None))
        group.finish()
        if not claims and group.ok:
            reader.error(codes.CHILD_MISSING, at=group.span, parent="required-claims", expected="a `<claim>`")
    return tuple(claims)
