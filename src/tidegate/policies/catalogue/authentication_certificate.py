"""`authentication-certificate`: a client certificate for the backend, or for whom a send-request calls.

Each destination with each certificate is a cluster of its own, so that both must be known when the program is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import certificates as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.model import ClientCertificate
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.certificates import Opened, open_certificate
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import REQUEST, ProgramWriter

_GIVEN: Final = (
    "`certificates/NAME/certificateInformation.json` needs `properties.data`, a PKCS#12 in base64, and its `password`"
)
"""APIOps extracts certificates without their keys."""


@dataclass(frozen=True, slots=True)
class AuthenticationCertificate(Statement):
    certificate: ClientCertificate
    shown: str
    """Which one, in the author's words."""

    name: ClassVar[str] = "authentication-certificate"

    def summary(self) -> str:
        return f"authentication-certificate {self.shown}"

    def emit(self, out: ProgramWriter) -> None:
        mark = lua_string(self.certificate.mark)
        if out.target is REQUEST:
            out.chooses = True
            out.keeps = True
            out.certificates.add(self.certificate)
            out.lua.line(f"R.show_certificate(q, {mark})")
        else:
            out.lua.line(f"{out.target.body}.shown = {mark}")


def read(reader: ElementReader) -> AuthenticationCertificate | None:
    given = {name: reader.literal(name) for name in ("certificate-id", "thumbprint", "body")}
    password = reader.literal("password")
    policy_id = reader.literal("id") or ""
    if not reader.finish():
        return None
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) != 1:
        reader.error(codes.CERTIFICATE_NOT_NAMED, at=reader.span)
        return None
    ((how, value),) = named.items()
    opened = _in_text(reader, value, password or "") if how == "body" else _entity(reader, how, value.strip())
    if opened is None:
        return None
    shown = "of its own" if how == "body" else f"{how} {value.strip()}"
    return AuthenticationCertificate(reader.span, policy_id, opened.certificate, shown)


def _in_text(reader: ElementReader, body: str, password: str) -> Opened | None:
    opened = open_certificate(body, password)
    if isinstance(opened, Opened):
        return opened
    at = reader.element.attributes["body"].span
    reader.error(codes.CERTIFICATE_UNREADABLE, at=at, name="in `body`", reason=opened)
    return None


def _entity(reader: ElementReader, how: str, name: str) -> Opened | None:
    at = reader.element.attributes[how].span
    opened = {id_: open_certificate(each.data, each.password) for id_, each in reader.certificates.items()}
    if how == "certificate-id":
        known = opened.get(name.rstrip("/").rpartition("/")[2])
        if isinstance(known, str):
            reader.error(codes.CERTIFICATE_UNREADABLE, at=at, name=name, reason=known)
            return None
    else:
        wanted = "".join(c for c in name.upper() if c.isalnum())
        known = next((o for o in opened.values() if isinstance(o, Opened) and o.thumbprint == wanted), None)
    if known is None:
        notes = (did_you_mean_or_known(name, opened),) if how == "certificate-id" and opened else ()
        reader.error(codes.CERTIFICATE_UNKNOWN, at=at, name=name, help=_GIVEN, notes=notes)
        return None
    return known
