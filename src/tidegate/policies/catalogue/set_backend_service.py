"""`set-backend-service`: where the request goes. The path behind the API's stays; the last one that runs counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import certificates
from tidegate.diagnostics.codes import destinations as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.model import ExternalBackend
from tidegate.model.entities import BackendEntity
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.urls import SERVICE, ParsedUrl, is_outside_tls, parse_url
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import LuaValue, lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_ELSEWHERE: Final = (
    "sf-resolve-condition",
    "sf-service-instance-name",
    "sf-partition-key",
    "sf-listener-name",
    "dapr-app-id",
    "dapr-method",
    "dapr-namespace",
)


@dataclass(frozen=True, slots=True)
class SetBackendService(Statement):
    url: Setting | None
    backend: Setting | None
    """The id of an entity. Exactly one of both is there."""

    name: ClassVar[str] = "set-backend-service"

    def summary(self) -> str:
        where = self.url or self.backend
        return f"set-backend-service {where.shown}" if where is not None else self.name

    def emit(self, out: ProgramWriter) -> None:
        out.chooses = True
        out.keeps = True
        if self.url is not None:
            value = self.url.emit(out.lua)
            if isinstance(self.url.literal, str) and isinstance(parsed := parse_url(self.url.literal), ParsedUrl):
                value = out.lua.constant(lua_value(_place(parsed, out)))
            out.lua.line(f"R.set_backend(q, {value})")
        elif self.backend is not None:
            known = (
                {self.backend.literal: out.backends[self.backend.literal]}
                if isinstance(self.backend.literal, str)
                else out.backends
            )
            table = {id_: _entity(entity, out) for id_, entity in sorted(_with_members(known, out.backends).items())}
            entities = out.lua.constant(lua_value(table))
            out.lua.line(f"R.set_backend_entity(q, {entities}, {self.backend.emit(out.lua)})")

    def check(self, backends: Mapping[str, BackendEntity], found: Found) -> None:
        """Report an entity that does not exist."""
        if self.backend is not None and isinstance(self.backend.literal, str) and self.backend.literal not in backends:
            found.add(
                codes.BACKEND_UNKNOWN,
                at=self.backend.span,
                name=self.backend.literal,
                help=did_you_mean_or_known(self.backend.literal, backends),
            )

    def check_shown(self, backends: Mapping[str, BackendEntity], certificate: Span, found: Found) -> None:
        """Report a backend that cannot be shown a client certificate, which the document does at `certificate`."""
        where = self.url or self.backend
        if where is None:
            return
        urls: list[str]
        if not isinstance(where.literal, str):
            # Of entities that are chosen when the program runs, it is told by then.
            urls = [] if self.backend is not None else [""]
        elif self.url is not None:
            urls = [where.literal]
        else:
            known = {where.literal: backends[where.literal]} if where.literal in backends else {}
            urls = [each.url for each in _with_members(known, backends).values() if not each.members]
        if all(is_outside_tls(url) for url in urls):
            return
        found.add(
            certificates.CERTIFICATE_DESTINATION,
            at=where.span,
            destination=where.shown,
            help="write the https URL of a host outside, without an expression, or name an entity with one",
            related=(Related(certificate, "this shows the backend a client certificate"),),
        )


def _with_members(known: Mapping[str, BackendEntity], every: Mapping[str, BackendEntity]) -> dict[str, BackendEntity]:
    members = [member.backend for entity in known.values() for member in entity.members]
    return {**{id_: every[id_] for id_ in members if id_ in every}, **known}


def _entity(entity: BackendEntity, out: ProgramWriter) -> dict[str, LuaValue]:
    credentials = entity.credentials
    headers: dict[str, LuaValue] = {name.lower(): ",".join(values) for name, values in credentials.headers}
    if credentials.authorization is not None:
        headers["authorization"] = " ".join(credentials.authorization)
    parsed = parse_url(entity.url) if entity.url else None
    return {
        **(_place(parsed, out) if isinstance(parsed, ParsedUrl) else {}),
        "headers": headers or None,
        "parameters": [[name, list(values)] for name, values in credentials.query] or None,
        "members": [[m.backend, m.weight, m.priority] for m in entity.members] or None,
    }


def _place(url: ParsedUrl, out: ProgramWriter) -> dict[str, LuaValue]:
    """What R.parse_url makes of it, and the cluster of the host where it is a declared one."""
    cluster: str | None = None
    if not url.host.endswith(SERVICE):
        declared = ExternalBackend(url.host, url.port, tls=url.scheme == "https")
        out.destinations.add(declared)
        cluster = str(declared)
    return {
        "scheme": url.scheme,
        "host": url.host,
        "port": url.port,
        "authority": url.authority,
        "target": f"{url.shown_host}:{url.port}",
        "path": url.path,
        "cluster": cluster,
    }


def read(reader: ElementReader) -> SetBackendService | None:
    reader.unsupported(*_ELSEWHERE, help="give the service's address: base-url or backend-id")
    url = reader.setting("base-url")
    backend = reader.setting("backend-id")
    policy_id = reader.literal("id") or ""
    if url is not None and isinstance(url.literal, str):
        parsed = parse_url(url.literal)
        reason = parsed if isinstance(parsed, str) else "it has a query" if parsed.query else ""
        if reason:
            reader.error(codes.URL_MALFORMED, at=url.span, url=url.shown, reason=reason)
        elif isinstance(parsed, ParsedUrl) and parsed.host.startswith("169.254."):
            reader.error(codes.URL_MALFORMED, at=url.span, url=url.shown, reason="link-local addresses are no backends")
    reader.finish()
    if reader.ok and (url is None) == (backend is None):
        reader.error(codes.BACKEND_NOT_NAMED, at=reader.span)
    return SetBackendService(reader.span, policy_id, url, backend) if reader.ok else None
