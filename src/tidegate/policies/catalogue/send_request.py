"""`send-request`: a call of the policy's own. Its answer goes into a variable; error statuses are answers like others.

The children change a request in the making, in the order of the document. `mode="copy"` begins with the current one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics import Related
from tidegate.diagnostics.codes import certificates
from tidegate.diagnostics.codes import destinations as codes
from tidegate.model import ClientCertificate, ExternalBackend
from tidegate.policies.catalogue.authentication_certificate import AuthenticationCertificate
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.urls import ParsedUrl, check_destination, is_outside_tls, parse_url
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT, RESPONSE
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import Message, ProgramWriter
from tidegate.policies.settings import Setting

WITHIN: Final = "send-request"
CHILDREN: Final = (
    "set-method",
    "set-header",
    "set-body",
    "authentication-basic",
    "authentication-certificate",
    "authentication-managed-identity",
)
DEFAULT_TIMEOUT_S: Final = 60
LONGEST_TIMEOUT_S: Final = 300


@dataclass(frozen=True, slots=True)
class Call:
    """A request in the making: what send-request and send-one-way-request have in common."""

    copies: bool
    url: Setting | None
    """None: that of the request that is copied."""
    timeout_s: Setting | int
    children: tuple[Statement, ...]

    def emit(self, out: ProgramWriter) -> str:
        """Write what makes the request; the Lua local that holds it."""
        call = out.lua.local(f"R.new_call(q, {lua_value(self.copies)})")
        if self.url is not None:
            out.lua.line(f"{call}.url = {self.url.emit(out.lua)}")
        with out.changing(Message(f"{call}.headers", call)):
            for child in self.children:
                with out.lua.at(child.span), out.lua.block("do"):
                    child.emit(out)
                if isinstance(child, AuthenticationCertificate):
                    self._declare(child.certificate, out)
        return call

    def _declare(self, certificate: ClientCertificate, out: ProgramWriter) -> None:
        """A destination that is shown a certificate is a declared one."""
        parsed = parse_url(self.url.literal) if self.url is not None and isinstance(self.url.literal, str) else ""
        if isinstance(parsed, ParsedUrl):
            out.destinations.add(ExternalBackend(parsed.host, parsed.port, tls=True, certificate=certificate))

    def emit_timeout(self, out: ProgramWriter) -> str:
        return str(self.timeout_s) if isinstance(self.timeout_s, int) else self.timeout_s.emit(out.lua)

    def summary(self) -> str:
        to = "the request's own URL" if self.url is None else self.url.shown
        parts = [f"copy to {to}" if self.copies else to, *(child.summary() for child in self.children)]
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class SendRequest(Statement):
    variable: str | None
    ignores_errors: bool
    copies: bool
    url: Setting | None
    timeout_s: Setting | int
    children: tuple[Statement, ...]

    name: ClassVar[str] = "send-request"

    @property
    def sets(self) -> tuple[str, ...]:
        return (*((self.variable,) if self.variable else ()), *(n for child in self.children for n in child.sets))

    def summary(self) -> str:
        into = f" into {self.variable}" if self.variable else ""
        return f"send-request{into}: {Call(self.copies, self.url, self.timeout_s, self.children).summary()}"

    def emit(self, out: ProgramWriter) -> None:
        out.calls = True
        made = Call(self.copies, self.url, self.timeout_s, self.children)
        call = made.emit(out)
        rest = f"{call}, {made.emit_timeout(out)}, {lua_value(self.ignores_errors)}"
        if out.begun:
            out.lua.line(f"{out.begun}[#{out.begun} + 1] = R.call_begin(q, {rest})")
        else:
            self.keep_answer(out, out.lua.local(f"R.call(q, {rest})"))

    def emit_answer(self, out: ProgramWriter, begun: str) -> None:
        """Write what waits for the answer of a call that was begun."""
        place, answer = out.lua.local(), out.lua.local()
        out.lua.line(f"{place}, {answer} = R.call_end(q, {begun})")
        self.keep_answer(out, answer)

    def keep_answer(self, out: ProgramWriter, answer: str) -> None:
        """Write the assignment of the answer, a Lua local."""
        if self.variable is not None:
            out.set_variable(self.variable, answer, RESPONSE, nullable=self.ignores_errors)


def read(reader: ElementReader) -> SendRequest | None:
    variable = reader.literal("response-variable-name")
    ignores_errors = reader.flag("ignore-error", default=False)
    call = read_call(reader)
    if not reader.finish() or call is None:
        return None
    return SendRequest(
        reader.span,
        reader.literal("id") or "",
        variable,
        ignores_errors,
        call.copies,
        call.url,
        call.timeout_s,
        call.children,
    )


def read_call(reader: ElementReader) -> Call | None:
    """What both kinds of calls read alike."""
    reader.literal("id")
    copies = reader.choice("mode", ("new", "copy"), default="new") == "copy"
    timeout = reader.setting("timeout", INT)
    seconds: Setting | int = DEFAULT_TIMEOUT_S if timeout is None else timeout
    if timeout is not None and isinstance(timeout.literal, int):
        seconds = reader.number("timeout", default=DEFAULT_TIMEOUT_S, low=1, high=LONGEST_TIMEOUT_S)
    url: Setting | None = None
    for child in reader.child("set-url"):
        url = child.text()
        if url is not None:
            check_destination(child, url)
    reader.unsupported_child("proxy", help="remove it: calls go straight to their destination")
    children = tuple(reader.statements(*CHILDREN, within=WITHIN))
    if url is None and not copies and reader.ok:
        reader.error(
            codes.CALL_WITHOUT_URL, at=reader.span, name=reader.name, help='add `<set-url>`, or write mode="copy"'
        )
    shows = next((child for child in children if isinstance(child, AuthenticationCertificate)), None)
    if shows is not None and not (url is not None and isinstance(url.literal, str) and is_outside_tls(url.literal)):
        reader.error(
            certificates.CERTIFICATE_DESTINATION,
            at=reader.span if url is None else url.span,
            destination="the request's own URL" if url is None else url.shown,
            help="write the https URL of a host outside, without an expression",
            related=(Related(shows.span, "this shows it one"),),
        )
    return Call(copies, url, seconds, children) if reader.ok else None
