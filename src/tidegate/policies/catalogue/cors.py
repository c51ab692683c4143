"""`cors`: which pages of other origins a browser lets read the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.lua_text import LuaValue, lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

ANY: Final = "*"
MAX_AGE_S: Final = 86_400
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
    computed_origins: tuple[Setting, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    expose: tuple[str, ...]
    max_age_s: Setting | None
    credentials: Setting | None
    terminate: Setting | None

    name: ClassVar[str] = "cors"

    def summary(self) -> str:
        origins = (*self.origins, *(origin.shown for origin in self.computed_origins))
        return f"cors: origins {', '.join(origins)}; methods {', '.join(self.methods)}"

    def emit(self, out: ProgramWriter) -> None:
        rules = out.lua.constant(lua_value(self._rules()))
        computed = {
            name: setting
            for name, setting in (
                ("max_age", self.max_age_s),
                ("credentials", self.credentials),
                ("terminate", self.terminate),
            )
            if setting is not None and setting.expression is not None
        }
        out.changes_every_response = True
        if not computed and not self.computed_origins:
            out.preflight.append(rules)
            out.call(f"R.cors(q, {rules})")
            return
        # A preflight meets the rules before anything else runs, so they are a function that can be asked twice.
        with out.lua.captured() as lines:
            self._function(out, rules, computed)
        out.functions.append(lines)
        function = f"F[{len(out.functions)}]"
        out.preflight.append(function)
        # What the response may say follows no longer from the request alone.
        out.changes_origin = True
        out.call(f"R.cors(q, {function}(q, variables))")

    def _rules(self) -> Mapping[str, LuaValue]:
        return {
            "any_origin": ANY in self.origins or None,
            "origins": dict.fromkeys(self.origins, True),
            "any_method": ANY in self.methods or None,
            "methods": dict.fromkeys(self.methods, True),
            "method_list": ",".join(self.methods),
            "any_header": ANY in self.headers or None,
            "headers": {name.lower(): True for name in self.headers},
            "header_list": ",".join(self.headers),
            "expose": ",".join(self.expose) or None,
            "max_age": str(self.max_age_s.literal) if self.max_age_s and self.max_age_s.literal else None,
            "credentials": (bool(self.credentials.literal) or None) if self.credentials else None,
            "terminate": (self.terminate is None or bool(self.terminate.literal)) or None,
        }

    def _function(self, out: ProgramWriter, rules: str, computed: Mapping[str, Setting]) -> None:
        known, out.lua.known = out.lua.known, {}
        values = {name: out.lua.local(setting.emit(out.lua)) for name, setting in computed.items()}
        origins = [out.lua.local(origin.emit(out.lua)) for origin in self.computed_origins]
        fields = ", ".join(f"{name} = {value}" for name, value in values.items())
        listed = "".join(f", {origin}" for origin in origins)
        out.lua.line(f"return R.cors_rules({rules}, {{{fields}}}, {len(origins)}{listed})")
        out.lua.known = known


def read(reader: ElementReader) -> Cors | None:
    """Read the element."""
    origins, computed = _origins(reader)
    max_age: Setting | None = None
    methods: tuple[str, ...] = _DEFAULT_METHODS
    for group in reader.child("allowed-methods"):
        max_age = group.setting("preflight-result-max-age", INT)
        if max_age and isinstance(max_age.literal, int) and not 0 <= max_age.literal <= MAX_AGE_S:
            expected = f"between 0 and {MAX_AGE_S}"
            group.error(codes.VALUE_UNEXPECTED, at=max_age.span, value=max_age.literal, expected=expected)
        methods = tuple(text.upper() for each in group.children("method") if (text := each.literal_text()) is not None)
        group.finish()
    cors = Cors(
        span=reader.span,
        policy_id=reader.literal("id") or "",
        origins=origins,
        computed_origins=computed,
        methods=methods,
        headers=reader.listed("allowed-headers", "header") or (),
        expose=reader.listed("expose-headers", "header") or (),
        max_age_s=max_age,
        credentials=reader.setting("allow-credentials", BOOL),
        terminate=reader.setting("terminate-unmatched-request", BOOL),
    )
    if cors.credentials and cors.credentials.literal and ANY in cors.origins:
        # Fetch standard section 3.3.5: browsers refuse it, and echoing every origin instead would open the API to all.
        reader.error(codes.CORS_CREDENTIALS, at=reader.span, help="list the origins")
    return cors if reader.finish() else None


def _origins(reader: ElementReader) -> tuple[tuple[str, ...], tuple[Setting, ...]]:
    """What `<allowed-origins>` lists: in normal form, and what is worked out for each request."""
    plain: list[str] = []
    computed: list[Setting] = []
    groups = 0
    for group in reader.child("allowed-origins"):
        groups += 1
        for each in group.children("origin"):
            setting = each.text()
            if setting is None:
                continue
            if setting.expression is not None:
                computed.append(setting)
            elif (origin := _normal(each, setting)) is not None:
                plain.append(origin)
        group.finish()
        if group.ok and not plain and not computed:
            expected = "at least one `<origin>`"
            reader.error(codes.CHILD_MISSING, at=group.span, parent="allowed-origins", expected=expected)
    if not groups:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="cors", expected="`<allowed-origins>`")
    return tuple(plain), tuple(computed)


def _normal(reader: ElementReader, setting: Setting) -> str | None:
    origin = str(setting.literal).strip()
    if origin in (ANY, "null"):
        return origin
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        at = reader.element.value[0].span if reader.element.value else reader.span
        reader.error(codes.ORIGIN_MALFORMED, at=at, origin=origin)
        return None
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS.get(scheme) else "")
