"""Documents of nested scopes to one program: merge by `<base />`, then Lua. Pure: equal documents, equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import alb
from tidegate.diagnostics.codes import expressions as expression_codes
from tidegate.diagnostics.codes import policies as codes
from tidegate.model import PolicyProgram, StepSummary
from tidegate.policies.catalogue.forward_request import ForwardRequest
from tidegate.policies.catalogue.validate_jwt import ValidateJwt
from tidegate.policies.document import SECTIONS, Base, PolicyDocument, Statement
from tidegate.policies.limits import LimitCalls
from tidegate.policies.lua_text import Line, LuaValue, LuaWriter, lua_value
from tidegate.policies.named_values import NamedValue
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.redaction import redact

ABI: Final = 1
"""The version of the contract between programs and the runtime; see lua/README.md."""

Step: TypeAlias = tuple[Statement, str]
"""A statement and the scope that it comes from."""
Steps: TypeAlias = Sequence[tuple[Statement, str, str]]
"""The same, with the section."""


def build_program(scopes: Sequence[PolicyDocument], *, found: Found) -> PolicyProgram | None:
    """The program of the effective document; `scopes` from the widest to the narrowest, at least one.

    None, with diagnostics, if the merged document cannot be kept.
    """
    mine = Found()
    sections = {name: tuple(_merged(scopes, name)) for name in SECTIONS}
    _check_backend(scopes, sections["backend"], mine)
    _check_variables(sections, mine)
    _check_tokens(sections, mine)
    found.extend(mine)
    secrets = tuple(secret for scope in scopes for secret in scope.secrets)
    return None if mine.has_errors else _emit(sections, secrets)


def _merged(scopes: Sequence[PolicyDocument], section: str) -> Iterator[Step]:
    """The section of the narrowest scope, with that of the next wider one in the place of `<base />`."""
    if not scopes:
        return
    for item in scopes[-1].section(section):
        if isinstance(item, Base):
            yield from _merged(scopes[:-1], section)
        else:
            yield item, scopes[-1].scope


def _check_backend(scopes: Sequence[PolicyDocument], backend: tuple[Step, ...], found: Found) -> None:
    forwarded = False
    for statement, _ in backend:
        if forwarded:
            found.add(
                codes.POLICY_TWICE if isinstance(statement, ForwardRequest) else codes.AFTER_FORWARD,
                at=statement.span,
                name=statement.name,
            )
        forwarded = forwarded or isinstance(statement, ForwardRequest)
    if not forwarded:
        narrowest = scopes[-1]
        found.add(
            codes.NEVER_FORWARDS,
            at=narrowest.span,
            scopes=narrowest.scope or "this document",
            label="requests would never reach the backend",
            help="add `<backend><base /></backend>`, or `<forward-request />` in the widest document",
        )


def _check_variables(sections: dict[str, tuple[Step, ...]], found: Found) -> None:
    known: set[str] = set()
    for section in SECTIONS:
        for statement, _ in sections[section]:
            for variable in statement.reads:
                if variable.value not in known:
                    found.add(
                        expression_codes.VARIABLE_NEVER_SET,
                        at=variable.span,
                        name=variable.value,
                        notes=("reading it answers 500, as in API Management",),
                    )
            known.update(statement.sets)


def _check_tokens(sections: dict[str, tuple[Step, ...]], found: Found) -> None:
    """Who counts by a claim needs a token that somebody has verified: anybody can make up a claim, and with it a
    fresh counter for every call."""
    verified = False
    for statement, _ in sections["inbound"]:
        verified = verified or isinstance(statement, ValidateJwt)
        if isinstance(statement, LimitCalls) and statement.needs_token and not verified:
            found.add(
                alb.CLAIM_UNVERIFIED,
                at=statement.span,
                claim=statement.limit.name,
                help="attach an ApimPolicy with a `validate-jwt`, or count by ClientAddress or by a Header",
                notes=("what it covers without a validate-jwt answers 503",),
            )


def _emit(sections: dict[str, tuple[Step, ...]], secrets: Sequence[NamedValue]) -> PolicyProgram:
    # The backend section ends with the call of the backend, so it runs right behind inbound.
    before = [(s, scope, name) for name in ("inbound", "backend") for s, scope in sections[name]]
    after = [(s, scope, "outbound") for s, scope in sections["outbound"]]
    failed = [(s, scope, "on-error") for s, scope in sections["on-error"]]
    steps = [*before, *after, *failed]
    out = _functions(before, after, failed, table=True)
    if not out.lua.reads_table:
        # Every variable that is read is a local: nobody would look into the table.
        out = _functions(before, after, failed, table=False)
    head = _head(out, steps, keeps=any(s.reads for s, _, _ in (*after, *failed)))
    lines = [*head, *out.lua.lines, ("}", None)]
    lua = "\n".join(text for text, _ in lines) + "\n"
    return PolicyProgram(
        digest=hashlib.sha256(lua.encode()).hexdigest(),
        lua=lua,
        issuers=tuple(sorted(out.issuers)),
        steps=tuple(StepSummary(section, redact(s.summary(), secrets), s.span) for s, _, section in steps),
        source_map=tuple(_places(lines)),
        handles_preflight=bool(out.preflight),
    )


def _head(out: ProgramWriter, steps: Steps, *, keeps: bool) -> Sequence[Line]:
    """Everything above the functions: constants, and what the runtime must know."""
    lua = LuaWriter()
    lua.line("local R = ...")
    with lua.block("local K = {", "}"):
        for constant in out.lua.constants:
            lua.line(f"{constant},")
    with lua.block("return {", closing=None):
        lua.line(f"abi = {ABI},")
        with lua.block("steps = {", "},"):
            for statement, scope, section in steps:
                facts: dict[str, LuaValue] = {
                    "source": statement.name,
                    "section": section,
                    "scope": scope or None,
                    "id": statement.policy_id or None,
                }
                lua.line(f"{lua_value(facts)},")
        if out.issuers:
            lua.line("keys = true,")
        if out.preflight:
            lua.line(f"preflight = {{{', '.join(out.preflight)}}},")
            if not out.changes_origin:
                # Only the first cors policy counts for requests that are no preflight.
                lua.line(f"cors = {out.preflight[0]},")
        if out.trusted:
            plain = sorted({name.replace("_", "-").replace(".", "-") for name in out.trusted})
            lua.line(f"trusted = {lua_value(dict.fromkeys(plain, True))},")
            lua.line(f"own = {lua_value(dict.fromkeys(sorted(out.trusted), True))},")
        if out.changes_every_response:
            lua.line("after = true,")
        if keeps:
            lua.line("keeps = true,")
    return lua.lines


def _functions(before: Steps, after: Steps, failed: Steps, *, table: bool) -> ProgramWriter:
    out = ProgramWriter(LuaWriter(depth=1), table=table)
    out.keeps_token = any(isinstance(s, LimitCalls) and s.needs_token for s, _, _ in before)
    _function(out, "inbound", before, first=1)
    _function(out, "outbound", after, first=1 + len(before))
    _function(out, "on_error", failed, first=1 + len(before) + len(after))
    return out


def _function(out: ProgramWriter, name: str, steps: Steps, *, first: int) -> None:
    """One of the program's functions. `inbound` is always there; the others only where there is something to do."""
    lua = out.lua
    if not steps and name != "inbound":
        return
    parameters = "q, request" if name == "inbound" else "q, request, response"
    lua.known.clear()
    out.locals.clear()
    with lua.block(f"{name} = function({parameters})", "end,"):
        if out.table:
            lua.line("local variables = " + ("{}" if name == "inbound" else "q.variables"))
        if out.table and name == "inbound":
            lua.line("q.variables = variables")
        top, indent = len(lua.lines), "  " * lua.depth
        for number, (statement, _, section) in enumerate(steps, first):
            out.section = section
            with lua.at(statement.span), lua.block("do"):
                lua.line(f"q.step = {number}")
                statement.emit(out)
        if out.locals:
            lua.lines.insert(top, (f"{indent}local {', '.join(out.locals)}", None))


def _places(lines: Sequence[Line]) -> Iterator[tuple[int, Span]]:
    """Where each run of lines of one statement begins."""
    before: Span | None = None
    for number, (_, span) in enumerate(lines, 1):
        if span is not None and span != before:
            yield number, span
        before = span
