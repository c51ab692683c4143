"""What validate-jwt and validate-azure-ad-token share: where a token is, what is asked of it, and the Lua of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT, JWT, STRING, Type
from tidegate.policies.lua_text import LuaValue, lua_string, lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

SOURCES: Final = ("header-name", "query-parameter-name", "token-value")
MAX_SKEW_S: Final = 86_400
_STATUSES: Final = (400, 599)


@dataclass(frozen=True, slots=True)
class Claim:
    """`<claim>`: one that the token must have."""

    name: str
    values: tuple[Setting, ...]
    any: bool
    separator: str | None


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that stands in the policy. Exactly one of `secret` and `der` is there."""

    kid: str | None
    secret: str | None
    """For HMAC, or to decipher with: base64."""
    der: str | None
    """An RSA public key as SubjectPublicKeyInfo: base64."""

    def as_lua(self) -> Mapping[str, LuaValue]:
        return {"kid": self.kid, "base64": self.secret, "public": self.der}


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where the token is. Exactly one is there."""

    header: Setting | None
    query_parameter: Setting | None
    value: Setting | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a token that does not pass is answered with."""

    status: Setting | None
    message: Setting | None
    variable: str | None
    """That gets the token if it passes."""


@dataclass(frozen=True, slots=True)
class TokenPolicy(Statement):
    """A token must be there, signed by a known key, current, and say what is asked of it."""

    header: Setting | None
    query_parameter: Setting | None
    token: Setting | None
    status: Setting | None
    message: Setting | None
    variable: str | None
    audiences: tuple[Setting, ...] | None
    claims: tuple[Claim, ...]
    claim_values: tuple[Setting, ...]
    """Those of `claims`, where whoever looks for settings finds them."""
    openid: tuple[str, ...]
    """URLs of metadata documents."""

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def rules(self) -> dict[str, LuaValue]:
        """What is the same for every request, beyond what all token policies have."""
        return {}

    def parts(self) -> Iterator[tuple[str, Setting | None]]:
        """Values that may be expressions, by the name that the runtime knows them by."""
        yield "status", self.status
        yield "message", self.message
        for audience in self.audiences or ():
            yield "audiences", audience
        for number, claim in enumerate(self.claims, 1):
            for value in claim.values:
                yield f"claim {number}", value

    def emit(self, out: ProgramWriter) -> None:
        out.issuers.update(self.openid)
        header = ""
        if self.header and self.header.expression:
            header = out.lua.local(self.header.emit(out.lua))
        rules = self._rules(out, header)
        if header:
            text = f"R.named_header(q, {header})"
        elif self.header:
            text = f"(q.request:get({lua_string(str(self.header.literal).lower())}))"
        elif self.query_parameter:
            text = f"R.query_parameter(q.request, {self.query_parameter.emit(out.lua)})"
        else:
            text = self.token.emit(out.lua) if self.token else "nil"
        call = f"R.validate_jwt(q, {rules}, {text})"
        if out.keeps_token:
            call = out.verified_token(call)
        if self.variable:
            out.set_variable(self.variable, call, JWT)
        elif not out.keeps_token:
            out.lua.line(call)

    def _rules(self, out: ProgramWriter, header: str) -> str:
        """The Lua of the rules: a constant, or what expressions make of one."""
        static: dict[str, LuaValue] = {
            "openid": self.openid,
            "scheme": None,
            "status": 401,
            "message": None,
            "skew": 0,
            "require_expiration": True,
            "audiences": None if self.audiences is None else {},
            "issuers": None,
            "claims": (),
            **self.rules(),
        }
        values: dict[int, list[LuaValue]] = {}
        parts, computed = [], []
        for name, setting in self.parts():
            if setting is None:
                continue
            if setting.expression:
                parts.append(name)
                computed.append(out.lua.local(setting.emit(out.lua)))
            elif name.startswith("claim "):
                values.setdefault(int(name.removeprefix("claim ")), []).append(_stripped(setting))
            elif isinstance(listed := static.get(name), dict):
                listed[str(_stripped(setting))] = True
            else:
                static[name] = setting.literal
        static["claims"] = tuple(
            {
                "name": c.name,
                "values": tuple(values.get(number, ())),
                "any": c.any or None,
                "separator": c.separator,
            }
            for number, c in enumerate(self.claims, 1)
        )
        if header:
            parts.append("header")
            computed.append(header)
        if not parts:
            return out.lua.constant(lua_value(static))
        static["parts"] = tuple(parts)
        constant = out.lua.constant(lua_value(static))
        return f"R.jwt_rules({', '.join([constant, *computed])})"

    def asked(self) -> list[str]:
        """What the token must say, for summaries."""
        parts = []
        if self.audiences:
            parts.append(f"audiences {', '.join(a.shown for a in self.audiences)}")
        for claim in self.claims:
            values = (" or " if claim.any else " and ").join(v.shown for v in claim.values)
            parts.append(f"claim {claim.name}{f' {values}' if values else ''}")
        return parts


def _stripped(setting: Setting) -> LuaValue:
    return setting.literal.strip() if isinstance(setting.literal, str) else setting.literal


def read_source(reader: ElementReader, *, default: str | None = None) -> TokenSource:
    """The attributes that say where the token is; `default` is a header's name."""
    header, query = reader.setting("header-name"), reader.setting("query-parameter-name")
    token = reader.setting("token-value")
    given = sum(name in reader.element.attributes for name in SOURCES)
    if given > 1 or (not given and default is None):
        reader.error(codes.TOKEN_SOURCE, at=reader.span, element=reader.name)
    if not given and default is not None:
        header = Setting(default, None, reader.span, default)
    if header is not None and header.expression is None and not is_header_name(str(header.literal)):
        reader.error(codes.HEADER_NAME, at=header.span, name=header.literal)
    return TokenSource(header, query, token)


def read_refusal(reader: ElementReader) -> Refusal:
    return Refusal(
        status=bounded(reader, "failed-validation-httpcode", *_STATUSES),
        message=reader.setting("failed-validation-error-message"),
        variable=reader.literal("output-token-variable-name"),
    )


def bounded(reader: ElementReader, name: str, low: int, high: int) -> Setting | None:
    """A number that may be an expression; a literal must lie within."""
    setting = reader.setting(name, INT)
    if setting and isinstance(setting.literal, int) and not low <= setting.literal <= high:
        expected = f"between {low} and {high}"
        reader.error(codes.VALUE_UNEXPECTED, at=setting.span, value=setting.literal, expected=expected)
    return setting


def read_listed(reader: ElementReader, name: str, item: str) -> tuple[Setting, ...] | None:
    """The values of `<name><item>...</item></name>`, which may be expressions; None if there is no such child."""
    values: tuple[Setting, ...] | None = None
    for group in reader.child(name):
        values = tuple(_texts(group.children(item)))
        group.finish()
        if not values and group.ok:
            reader.error(codes.CHILD_MISSING, at=group.span, parent=name, expected=f"at least one `<{item}>`")
    return values


def _texts(readers: Iterable[ElementReader], wanted: Type = STRING) -> Iterator[Setting]:
    for reader in readers:
        setting = reader.text(wanted)
        if setting is None:
            continue
        if isinstance(setting.literal, str) and not setting.literal.strip():
            reader.error(codes.VALUE_UNEXPECTED, at=reader.span, value="", expected=f"a text for `<{reader.name}>`")
        yield setting


def read_claims(reader: ElementReader) -> tuple[Claim, ...]:
    claims: list[Claim] = []
    for group in reader.child("required-claims"):
        for child in group.children("claim"):
            name = child.literal("name", required=True)
            match = child.choice("match", ("all", "any"), default="all")
            separator = child.literal("separator")
            values = tuple(_texts(child.children("value")))
            child.finish()
            claims.append(Claim(name or "", values, match == "any", separator or None))
        group.finish()
        if not claims and group.ok:
            reader.error(codes.CHILD_MISSING, at=group.span, parent="required-claims", expected="a `<claim>`")
    return tuple(claims)


def claim_values(claims: Iterable[Claim]) -> tuple[Setting, ...]:
    return tuple(value for claim in claims for value in claim.values)
