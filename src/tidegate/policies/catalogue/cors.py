"""`cors`: which pages of other origins a browser lets read the answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics import Span
from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter

ANY: Final = "*"
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<host>[^/:\[\]*\s]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?/?"
)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
# "GET and POST are allowed if the element is not there": the policy's reference page.
_DEFAULT_METHODS: Final = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Cors(Statement):
    origins: tuple[str, ...]
    """Normal form: lower case, without a default port; or `*`."""
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    expose: tuple[str, ...]
    max_age_s: int | None
    credentials: bool
    terminate: bool

    name: ClassVar[str] = "cors"

    def summary(self) -> str:
        return f"cors: origins {', '.join(self.origins)}; methods {', '.join(self.methods)}"

    def emit(self, out: ProgramWriter) -> None:
        constant = out.lua.constant(
            lua_value(
                {
                    "any_origin": ANY in self.origins or None,
                    "origins": dict.fromkeys(self.origins, True),
                    "any_method": ANY in self.methods or None,
                    "methods": dict.fromkeys(self.methods, True),
                    "method_list": ",".join(self.methods),
                    "any_header": ANY in self.headers or None,
                    "headers": {name.lower(): True for name in self.headers},
                    "header_list": ",".join(self.headers),
                    "expose": ",".join(self.expose) or None,
                    "max_age": None if self.max_age_s is None else str(self.max_age_s),
                    "credentials": self.credentials or None,
                    "terminate": self.terminate or None,
                }
            )
        )
        out.preflight.append(constant)
        out.changes_every_response = True
        out.call(f"R.cors(q, {constant})")


def read(reader: ElementReader) -> Cors | None:
    """Read the element. Only literals: the answer to a preflight may not depend on who asks."""
    origins = reader.listed("allowed-origins", "origin")
    if origins is None:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="cors", expected="`<allowed-origins>`")
    normal = tuple(o for origin in origins or () if (o := _normal(reader, origin)))
    max_age: int | None = None
    methods: tuple[str, ...] = _DEFAULT_METHODS
    for group in reader.child("allowed-methods"):
        max_age = group.number("preflight-result-max-age", default=0, low=0, high=86_400) or None
        methods = tuple(text.upper() for each in group.children("method") if (text := each.literal_text()) is not None)
        group.finish()
    cors = Cors(
        span=reader.span,
        policy_id=reader.literal("id") or "",
        origins=normal,
        methods=methods,
        headers=reader.listed("allowed-headers", "header") or (),
        expose=reader.listed("expose-headers", "header") or (),
        max_age_s=max_age,
        credentials=reader.flag("allow-credentials", default=False),
        terminate=reader.flag("terminate-unmatched-request", default=True),
    )
    if cors.credentials and ANY in cors.origins:
        # Fetch standard section 3.3.5: browsers refuse it, and echoing every origin instead would open the API to all.
        reader.error(codes.CORS_CREDENTIALS, at=reader.span, help="list the origins")
    return cors if reader.finish() else None


def _normal(reader: ElementReader, origin: str) -> str | None:
    if origin in (ANY, "null"):
        return origin
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        reader.error(codes.ORIGIN_MALFORMED, at=_origin_span(reader, origin), origin=origin)
        return None
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS.get(scheme) else "")


def _origin_span(reader: ElementReader, origin: str) -> Span:
    for group in reader.element:
        for child in group:
            if any(getattr(part, "text", "").strip() == origin for part in child.value):
                return child.value[0].span
    return reader.span
