"""`validate-client-certificate`: what the client's certificate must be, beside what TLS has verified.

Envoy's listener asks for certificates where its Gateway validates clients (`tls.frontend`); elsewhere no client
presents one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import LuaValue, lua_value
from tidegate.policies.program_writer import ProgramWriter

_CLAIMS: Final = {
    "thumbprint": "thumbprint",
    "serial-number": "serial",
    "common-name": "common_name",
    "subject": "subject",
    "dns-name": "dns_name",
    "issuer-subject": "issuer",
}
"""Attribute of `<identity>` -> field of the runtime's rule."""
_THUMBPRINT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class ValidateClientCertificate(Statement):
    trust: bool
    not_before: bool
    not_after: bool
    ignore_error: bool
    identities: tuple[tuple[tuple[str, str], ...], ...]
    """Of each, the runtime's fields with their values."""

    name: ClassVar[str] = "validate-client-certificate"

    def summary(self) -> str:
        count = len(self.identities)
        which = f": one of {count} identities" if count > 1 else ": one identity" if count else ""
        return f"validate-client-certificate{which}{' (errors ignored)' if self.ignore_error else ''}"

    def emit(self, out: ProgramWriter) -> None:
        rules: dict[str, LuaValue] = {
            "trust": self.trust,
            "not_before": self.not_before,
            "not_after": self.not_after,
            "ignore": self.ignore_error,
            "identities": [dict(identity) for identity in self.identities] or None,
        }
        out.lua.line(f"R.validate_client_certificate(q, {out.lua.constant(lua_value(rules))})")


def read(reader: ElementReader) -> ValidateClientCertificate | None:
    if reader.flag("validate-revocation", default=True):
        given = reader.element.attributes.get("validate-revocation")
        reader.error(
            codes.ATTRIBUTE_UNSUPPORTED,
            at=given.name_span if given is not None else reader.span,
            element=reader.name,
            name="validate-revocation",
            help='write validate-revocation="false": no revocation list is asked for here',
        )
    trust = reader.flag("validate-trust", default=True)
    not_before = reader.flag("validate-not-before", default=True)
    not_after = reader.flag("validate-not-after", default=True)
    ignore_error = reader.flag("ignore-error", default=False)
    policy_id = reader.literal("id") or ""
    identities: list[tuple[tuple[str, str], ...]] = []
    for group in reader.child("identities"):
        identities += [_identity(each) for each in group.children("identity")]
        if not group.finish():
            reader.ok = False
        elif not identities:
            reader.error(codes.CHILD_MISSING, at=group.span, parent="identities", expected="an `<identity>`")
    if not reader.finish():
        return None
    return ValidateClientCertificate(
        reader.span, policy_id, trust, not_before, not_after, ignore_error, tuple(identities)
    )


def _identity(reader: ElementReader) -> tuple[tuple[str, str], ...]:
    reader.unsupported(
        "issuer-thumbprint",
        "issuer-certificate-id",
        help="name the issuer by `issuer-subject`, or the certificate itself",
    )
    claims: list[tuple[str, str]] = []
    for attribute, field in _CLAIMS.items():
        value = reader.literal(attribute)
        if value is None:
            continue
        if attribute == "thumbprint":
            value = re.sub(r"[\s:]", "", value).lower()
            if not _THUMBPRINT.fullmatch(value):
                at = reader.element.attributes[attribute].span
                reader.error(codes.VALUE_UNEXPECTED, at=at, value=value, expected="40 hexadecimal digits (SHA-1)")
        claims.append((field, value))
    if reader.finish() and not claims:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="identity", expected="at least one attribute")
    return tuple(claims)
