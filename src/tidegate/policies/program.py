"""Documents of nested scopes to one program: merge by `<base />`, then Lua. Pure: equal documents, equal bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Final, TypeAlias

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import alb
from tidegate.diagnostics.codes import expressions as expression_codes
from tidegate.diagnostics.codes import policies as codes
from tidegate.model import ExternalBackend, PolicyProgram, StepSummary
from tidegate.model.entities import BackendEntity
from tidegate.policies.catalogue.authentication_certificate import AuthenticationCertificate
from tidegate.policies.catalogue.forward_request import ForwardRequest
from tidegate.policies.catalogue.set_backend_service import SetBackendService
from tidegate.policies.catalogue.tokens import TokenPolicy
from tidegate.policies.document import SECTIONS, Base, PolicyDocument, Statement, walk
from tidegate.policies.limits import LimitCalls
from tidegate.policies.lint import lint
from tidegate.policies.lua_text import Line, LuaValue, LuaWriter, lua_value
from tidegate.policies.named_values import NamedValue
from tidegate.policies.program_writer import MAX_LINES, ProgramWriter
from tidegate.policies.redaction import redact

NO_BACKENDS: Final[Mapping[str, BackendEntity]] = MappingProxyType({})

ABI: Final = 1
"""The version of the contract between programs and the runtime; see lua/README.md."""

Steps: TypeAlias = tuple[tuple[Statement, str], ...]
"""Statements, each with the scope that it comes from."""

_TIMED: Final = re.compile(r"\bR\.(elapsed|timestamp)\(")
"""What needs the moment when the request came."""
_LOOKS_BACK: Final = re.compile(r"\bR\.(elapsed|timestamp|url|original_url|matched_dictionary|request_id)\(")
"""What asks for something that only the record of the request (`q`) still knows when the response comes."""


def build_program(
    scopes: Sequence[PolicyDocument], *, found: Found, backends: Mapping[str, BackendEntity] = NO_BACKENDS
) -> PolicyProgram | None:
    """The program of the effective document; `scopes` from the widest to the narrowest, at least one. `backends` are
    the entities that it can name, by their ids.

    None, with diagnostics, if the merged document cannot be kept.
    """
    mine = Found()
    sections = {name: tuple(_merged(scopes, name)) for name in SECTIONS}
    _check_backend(scopes, sections, mine)
    _check_reached(sections, mine)
    _check_variables(sections, mine)
    _check_tokens(sections, mine)
    lint(scopes, sections, mine)
    shown = [s for name in SECTIONS for s in _all(sections[name]) if isinstance(s, AuthenticationCertificate)]
    for name in SECTIONS:
        for statement in _all(sections[name]):
            if isinstance(statement, SetBackendService):
                statement.check(backends, mine)
                if shown:
                    statement.check_shown(backends, shown[0].span, mine)
    found.extend(mine)
    secrets = tuple(secret for scope in scopes for secret in scope.secrets)
    return None if mine.has_errors else _emit(sections, secrets, backends)


def _merged(scopes: Sequence[PolicyDocument], section: str) -> Iterator[tuple[Statement, str]]:
    """The section of the narrowest scope, with that of the next wider one in the place of `<base />`."""
    if not scopes:
        return
    for item in scopes[-1].section(section):
        if isinstance(item, Base):
            yield from _merged(scopes[:-1], section)
        else:
            yield item, scopes[-1].scope


def _all(steps: Steps) -> Iterator[Statement]:
    return walk(tuple(statement for statement, _ in steps))


def _check_backend(scopes: Sequence[PolicyDocument], sections: Mapping[str, Steps], found: Found) -> None:
    """A document whose backend section has lost its forward-request answers every request with an empty 200; where
    nothing else answers, that is a slip."""
    if any(isinstance(s, ForwardRequest) for s in _all(sections["backend"])):
        return
    if any(s.ends for name in ("inbound", "backend") for s, _ in sections[name]):
        return
    narrowest = scopes[-1]
    found.add(
        codes.NEVER_FORWARDS,
        at=narrowest.span,
        scopes=narrowest.scope or "this document",
        label="requests never reach a backend, and are answered with an empty 200",
        help="add `<backend><base /></backend>`, or `<forward-request />` in the widest document",
    )


def _check_reached(sections: Mapping[str, Steps], found: Found) -> None:
    for name in SECTIONS:
        _reached(tuple(statement for statement, _ in sections[name]), found)
        for statement in _all(sections[name]):
            for block in statement.blocks:
                _reached(block.statements, found)


def _reached(statements: tuple[Statement, ...], found: Found) -> None:
    for before, statement in pairwise(statements):
        if before.ends:
            related = (Related(before.span, "this ends the request"),)
            found.add(codes.POLICY_UNREACHABLE, at=statement.span, name=statement.name, related=related)
            return


def _check_variables(sections: Mapping[str, Steps], found: Found) -> None:
    known: set[str] = set()
    for section in SECTIONS:
        for statement, _ in sections[section]:
            _variables(statement, known, found)


def _variables(statement: Statement, known: set[str], found: Found) -> None:
    inside = tuple(inner for block in statement.blocks for inner in block.statements)
    if statement.name == "retry":
        # Its condition, and whatever runs again, see what the first run has set.
        known.update(name for inner in walk(inside) for name in inner.sets)
    for variable in statement.reads:
        if variable.value not in known:
            found.add(
                expression_codes.VARIABLE_NEVER_SET,
                at=variable.span,
                name=variable.value,
                notes=("reading it answers 500, as in API Management",),
            )
    for inner in inside:
        _variables(inner, known, found)
    known.update(statement.sets)


def _check_tokens(sections: Mapping[str, Steps], found: Found) -> None:
    """Who counts by a claim needs a token that somebody has verified: anybody can make up a claim, and with it a
    fresh counter for every call."""
    verified = False
    for statement, _ in sections["inbound"]:
        verified = verified or isinstance(statement, TokenPolicy)
        if isinstance(statement, LimitCalls) and statement.needs_token and not verified:
            found.add(
                alb.CLAIM_UNVERIFIED,
                at=statement.span,
                claim=statement.limit.name,
                help="attach an ApimPolicy with a `validate-jwt`, or count by ClientAddress or by a Header",
                notes=("what it covers without a validate-jwt answers 503",),
            )


def _emit(
    sections: Mapping[str, Steps], secrets: Sequence[NamedValue], backends: Mapping[str, BackendEntity]
) -> PolicyProgram:
    parts = sum(1 for steps in sections.values() for _ in _all(steps)) > MAX_LINES // 3
    out = _functions(sections, backends, table=True, parts=parts)
    if not parts and len(out.lua.lines) > MAX_LINES:
        out = _functions(sections, backends, table=True, parts=True)
    elif not out.lua.reads_table:
        # Every variable that is read is a local: nobody would look into the table.
        out = _functions(sections, backends, table=False, parts=parts)
    lines = [*_head(out), *out.lua.lines, ("}", None)]
    lua = "\n".join(text for text, _ in lines) + "\n"
    return PolicyProgram(
        digest=hashlib.sha256(lua.encode()).hexdigest(),
        lua=lua,
        issuers=tuple(sorted(out.issuers)),
        steps=tuple(
            StepSummary(s.section, redact(s.statement.summary(), secrets), s.statement.span, s.depth, s.by_envoy)
            for s in out.steps
        ),
        source_map=tuple(_places(lines)),
        handles_preflight=bool(out.preflight),
        calls=out.calls or out.chooses,
        forwards=out.forwards,
        chooses_backend=out.chooses,
        names_backend=any(isinstance(s, SetBackendService) for steps in sections.values() for s in _all(steps)),
        destinations=tuple(sorted(_destinations(out), key=lambda each: (each.host, each.port, str(each)))),
        certificates=tuple(sorted(out.certificates, key=lambda each: each.digest)),
        needs=frozenset(out.needs),
    )


def _destinations(out: ProgramWriter) -> Iterator[ExternalBackend]:
    """What it names, and each backend with each certificate that it may be shown."""
    yield from out.destinations
    for each in out.destinations:
        if each.tls and each.certificate is None:
            yield from (replace(each, certificate=certificate) for certificate in out.certificates)


def _head(out: ProgramWriter) -> Sequence[Line]:
    """Everything above the functions: constants, parts, and what the runtime must know."""
    lua = LuaWriter()
    lua.line("local R = ...")
    with lua.block("local K = {", "}"):
        for constant in out.lua.constants:
            lua.line(f"{constant},")
    if out.functions:
        lua.line("local F = {}")
    for number, function in enumerate(out.functions, 1):
        with lua.block(f"F[{number}] = function(q, variables)"):
            lua.lines += function
    with lua.block("return {", closing=None):
        lua.line(f"abi = {ABI},")
        with lua.block("steps = {", "},"):
            for step in out.steps:
                facts: dict[str, LuaValue] = {
                    "source": step.statement.name,
                    "section": step.section,
                    "scope": step.scope or None,
                    "path": step.path or None,
                    "id": step.statement.policy_id or None,
                }
                lua.line(f"{lua_value(facts)},")
        if out.issuers:
            lua.line("keys = true,")
        if out.chooses:
            lua.line("chooses = true,")
        if out.preflight:
            lua.line(f"preflight = {{{', '.join(out.preflight)}}},")
            if not out.changes_origin:
                # Only the first cors policy counts for requests that are no preflight.
                lua.line(f"cors = {out.preflight[0]},")
        if out.trusted:
            plain = sorted({name.replace("_", "-").replace(".", "-") for name in out.trusted})
            lua.line(f"trusted = {lua_value(dict.fromkeys(plain, True))},")
            lua.line(f"own = {lua_value(dict.fromkeys(sorted(out.trusted), True))},")
        if out.unsure:
            lua.line(f"unsure = {lua_value(dict.fromkeys(sorted(out.unsure), True))},")
        if out.changes_every_response:
            lua.line("after = true,")
        if any(_TIMED.search(text) for text, _ in (*out.lua.lines, *chain.from_iterable(out.functions))):
            lua.line("timed = true,")
        if out.keeps:
            lua.line("keeps = true,")
    return lua.lines


def _functions(
    sections: Mapping[str, Steps], backends: Mapping[str, BackendEntity], *, table: bool, parts: bool = False
) -> ProgramWriter:
    out = ProgramWriter(LuaWriter(depth=1), table=table, parts=parts, backends=backends)
    out.keeps_token = any(isinstance(s, LimitCalls) and s.needs_token for s in _all(sections["inbound"]))
    # The backend section ends with the call of the backend, so it runs right behind inbound.
    with _function(out, "inbound"):
        for name in ("inbound", "backend"):
            out.section = name
            out.section_of(sections[name], tail=name == "backend")
    for function, section in (("outbound", "outbound"), ("on_error", "on-error")):
        if sections[section]:
            with _function(out, function):
                out.section = section
                out.section_of(sections[section])
    return out


@contextmanager
def _function(out: ProgramWriter, name: str) -> Iterator[None]:
    """One of the program's functions."""
    lua = out.lua
    lua.known.clear()
    out.locals.clear()
    out.homes.clear()
    out.jwt = ""
    with lua.block(f"{name} = function(q)", "end,"):
        if out.table:
            if name == "inbound":
                lua.line("local variables = {}")
                lua.line("q.variables = variables")
            else:
                lua.line("local variables = q.variables")
        top, indent = len(lua.lines), "  " * lua.depth
        reads, lua.reads_table, parts = lua.reads_table, False, len(out.functions)
        yield
        written = (*lua.lines[top:], *chain.from_iterable(out.functions[parts:]))
        if name != "inbound" and (lua.reads_table or any(_LOOKS_BACK.search(text) for text, _ in written)):
            out.keeps = True
        lua.reads_table = lua.reads_table or reads
        if out.locals:
            lua.lines.insert(top, (f"{indent}local {', '.join(out.locals)}", None))


def _places(lines: Sequence[Line]) -> Iterator[tuple[int, Span]]:
    """Where each run of lines of one statement begins."""
    before: Span | None = None
    for number, (_, span) in enumerate(lines, 1):
        if span is not None and span != before:
            yield number, span
        before = span
