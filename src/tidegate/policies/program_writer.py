"""What statements write their Lua to: the writer of lines, and the facts about the whole program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tidegate.model import ClientCertificate, ExternalBackend
from tidegate.model.entities import BackendEntity
from tidegate.policies.expressions.types import Type
from tidegate.policies.lua_text import Line, LuaWriter, lua_string

if TYPE_CHECKING:
    from tidegate.policies.document import Block, Statement

_NOT_LUA: Final = re.compile(r"[^A-Za-z0-9_]")
MAX_LOCALS: Final = 40
"""Lua has 200 locals and 60 upvalues for a function; the rest is for statements."""
PART_LINES: Final = 250
"""Lines of one function of a program in parts. Lua's jumps, registers and constants are bounded for each function."""
MAX_LINES: Final = 600
"""Above, a program is written in parts."""
RESPONSE_SECTIONS: Final = ("outbound", "on-error")


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a program, by the number that `q.step` has while it runs."""

    statement: Statement
    scope: str
    section: str
    path: str
    """What it stands in, outermost first: `choose[3]/when[2]`. "" directly in a section."""
    depth: int
    by_envoy: bool = False
    """Whether it is left to Envoy's router."""


@dataclass(frozen=True, slots=True)
class Message:
    """What set-header, set-body and their like change."""

    headers: str
    """The Lua name of the headers."""
    body: str
    """The Lua text that R.set_body takes for whose body: `"request"`, `"response"`, or a local with a field `body`."""


REQUEST: Final = Message("q.request", '"request"')
RESPONSE: Final = Message("q.response", '"response"')


@dataclass(slots=True)
class _Place:
    """Where among the blocks the writer is: for numbers in paths."""

    path: str = ""
    depth: int = 0
    counted: dict[tuple[str, str], int] = field(default_factory=dict)
    """By scope and name: how many statements have been met."""


@dataclass(slots=True)
class ProgramWriter:
    """One program in the making. Statements write lines and record what the runtime must do around them."""

    lua: LuaWriter = field(default_factory=LuaWriter)
    section: str = "inbound"
    """The section that is being written."""
    scope: str = ""
    """Of the statement that is being written."""
    issuers: set[str] = field(default_factory=set)
    """OpenID metadata URLs whose keys are needed."""
    preflight: list[str] = field(default_factory=list)
    """Constants of the cors policies, in order."""
    trusted: set[str] = field(default_factory=set)
    """Request headers that policies set: other spellings of them are removed from what the client sent."""
    unsure: set[str] = field(default_factory=set)
    """Those of them that are not set on every way to the backend: where they are, the runtime is told."""
    trusts_computed: bool = False
    """Whether a policy sets request headers whose names are only known when it runs."""
    table: bool = True
    """Whether there is a table of variables: where all reads are of variables that are certainly set, there is none."""
    locals: list[str] = field(default_factory=list)
    """Lua locals of the function that is being written."""
    homes: dict[str, str] = field(default_factory=dict)
    """Those of variables, by name."""
    keeps_token: bool = False
    """Whether the token that a validate-jwt has verified is wanted later."""
    jwt: str = ""
    """Its Lua local, once there is one: what the last validate-jwt verified."""
    changes_origin: bool = False
    """Whether a policy changes the request's Origin header: then the response cannot know from it what cors decided."""
    changes_every_response: bool = False
    """Whether headers may have to be added to the response, whoever makes it."""
    calls: bool = False
    """Whether the program sends requests of its own."""
    forwards: bool = False
    """Whether it calls the backend itself, instead of leaving that to Envoy's router."""
    begun: str = ""
    """The Lua table of calls that a `wait` has begin side by side; "" where each is waited for."""
    chooses: bool = False
    """Whether it chooses the backend."""
    backends: Mapping[str, BackendEntity] = field(default_factory=dict)
    """The entities that set-backend-service can name."""
    destinations: set[ExternalBackend] = field(default_factory=set)
    """Hosts that it names itself."""
    certificates: set[ClientCertificate] = field(default_factory=set)
    """What it may show the route's own backend."""
    keeps: bool = False
    """Whether the response needs the record of its request (`q`) as it was."""
    needs: set[str] = field(default_factory=set)
    """What it wants of the specification's words on its operation: request, responses, parameters, mock."""
    parts: bool = False
    """Whether the program is written as many functions. Variables are then in the table only."""
    functions: list[list[Line]] = field(default_factory=list)
    """The parts; `F[n]` in the code."""
    steps: list[Step] = field(default_factory=list)
    tail: bool = False
    """Whether the statement that is being written is the last before the response: what forwards there can leave the
    work to Envoy's router, with `do return false end`."""
    _assigned: set[str] = field(default_factory=set)
    """Variables that the statement has set by `set_variable`."""
    _message: Message | None = None
    _place: _Place = field(default_factory=_Place)

    # -- messages

    @property
    def target(self) -> Message:
        """The message that set-header, set-body and their like change here."""
        if self._message is not None:
            return self._message
        return RESPONSE if self.section in RESPONSE_SECTIONS else REQUEST

    @property
    def message(self) -> str:
        """The Lua name of the headers that set-header changes here."""
        return self.target.headers

    @property
    def changes_request(self) -> bool:
        """Whether what set-header changes here is the request that the backend gets."""
        return self.target is REQUEST

    @contextmanager
    def changing(self, message: Message) -> Iterator[None]:
        """Statements inside change another message: the answer of return-response, the call of send-request."""
        before, self._message = self._message, message
        yield
        self._message = before

    def trust(self, name: str, *, certain: bool = True) -> None:
        """Record that the statement sets or deletes this header of the request, so that it is the gateway's own word.
        Inside of blocks, and where the backend may have been called before, that is known only when it runs."""
        known = self.trusted - self.unsure
        self.trusted.add(name)
        if name in known:
            return
        if certain and self.section == "inbound" and self._place.depth == 1:
            self.unsure.discard(name)
            return
        self.unsure.add(name)
        self.lua.line(f"R.trust(q, {lua_string(name)})")

    # -- flow

    def stop(self) -> None:
        """Write the end of the request's processing, in any section; `q.answer` holds the answer (`R.new_answer`)."""
        self.lua.line("do return true end")

    def leave_to_router(self) -> None:
        """Write the end of the program's work before the response: Envoy's router calls the backend."""
        self.steps[-1] = replace(self.steps[-1], by_envoy=True)
        self.lua.line("do return false end")

    def call(self, function: str) -> None:
        """Write a call of a runtime function that returns true when it has ended the request's processing."""
        self.lua.line(f"if {function} then return true end")

    def section_of(self, steps: Sequence[tuple[Statement, str]], *, tail: bool = False) -> None:
        """Write the statements of a whole section, each with its scope."""
        self._place = _Place()
        self._statements(steps, tail=tail)

    def block(self, block: Block, *, tail: bool | None = None) -> None:
        """Write a statement's block. `tail`: whether nothing of the statement runs behind it; as the statement's own
        place if not given, which holds for branches."""
        ends_here = self.tail if tail is None else tail and self.tail
        before, kept_tail = self._place, self.tail
        path = f"{before.path}/{block.label}" if block.label else before.path
        self._place = _Place(path, before.depth)
        self._statements([(s, self.scope) for s in block.statements], tail=ends_here)
        self._place, self.tail = before, kept_tail

    def _statements(self, steps: Sequence[tuple[Statement, str]], *, tail: bool) -> None:
        if not self.parts:
            for index, (statement, scope) in enumerate(steps, 1):
                self._statement(statement, scope, tail=tail and index == len(steps))
            return
        part: list[Line] = []
        for index, (statement, scope) in enumerate(steps, 1):
            with self.lua.captured() as lines:
                self._statement(statement, scope, tail=tail and index == len(steps))
            if part and len(part) + len(lines) > PART_LINES:
                self._part(part)
                part = []
            part += lines
        if len(part) > PART_LINES // 2 or (part and self._place.depth % 4 == 3):
            self._part(part)
        else:
            self.lua.lines += part

    @contextmanager
    def part(self) -> Iterator[None]:
        """Lines written inside become a function of their own, where the program is written in parts."""
        if not self.parts:
            yield
            return
        with self.lua.captured() as lines:
            yield
        self._part(lines)

    def _part(self, lines: list[Line]) -> None:
        """Lines as a function of their own, and its call here."""
        self.functions.append(lines)
        with self.lua.block("do"):
            self.lua.line(f"local ended = F[{len(self.functions)}](q, variables)")
            self.lua.line("if ended ~= nil then return ended end")

    def _statement(self, statement: Statement, scope: str, *, tail: bool) -> None:
        place, lua = self._place, self.lua
        key = (scope, statement.name)
        number = place.counted[key] = place.counted.get(key, 0) + 1
        self.steps.append(Step(statement, scope, self.section, place.path, place.depth))
        own = f"{statement.name}[{number}]"
        self._place = _Place(f"{place.path}/{own}" if place.path else own, place.depth + 1)
        before = self.scope, self.tail
        self.scope, self.tail = scope, tail
        with lua.at(statement.span), lua.block("do"):
            lua.line(f"q.step = {len(self.steps)}")
            self._assigned.clear()
            statement.emit(self)
            for name in statement.sets:
                if name not in self._assigned:
                    # A function of the runtime sets it, in the table.
                    lua.known.pop(name, None)
        self._place, (self.scope, self.tail) = place, before

    def step_again(self, number: int) -> None:
        """Write that a statement goes on, behind its blocks: failures are then its own again."""
        self.lua.line(f"q.step = {number}")

    @property
    def step(self) -> int:
        """The number of the statement that is being written, for `step_again`; asked before its blocks are written."""
        return len(self.steps)

    def branches(self) -> Branches:
        """For a statement that runs one of several blocks, or none, or may stop anywhere in them."""
        return Branches(self.lua, dict(self.lua.known))

    @contextmanager
    def loop(self, block: Block) -> Iterator[None]:
        """Around a block that may run more than once: what it sets has, when it runs again, the type it had then."""
        for statement in _walk(block):
            for name in statement.sets:
                self.lua.known.pop(name, None)
        yield

    # -- variables and tokens

    def verified_token(self, value: str) -> str:
        """Write the assignment of the token that was just verified, for who wants it later; the Lua local."""
        if not self.jwt:
            self.jwt = "verified"
            self.locals.append(self.jwt)
        self.lua.line(f"{self.jwt} = {value}")
        return self.jwt

    def set_variable(self, name: str, value: str, type_: Type, *, nullable: bool = False) -> None:
        """Write the assignment of a variable. Certainly set from here on, to the end of the block."""
        self._assigned.add(name)
        if nullable:
            # GetValueOrDefault tells null from a value, which a local of a known type cannot.
            self.lua.known.pop(name, None)
            local = ""
        else:
            local = self.homes.get(name, "")
        if not local and not nullable and len(self.homes) < MAX_LOCALS and not self.parts:
            # The name tells readers, and traces, whose it is.
            local = self.homes[name] = f"var{len(self.homes) + 1}_{_NOT_LUA.sub('_', name)[:40]}"
            self.locals.append(local)
        if local:
            self.lua.line(f"{local} = {value}")
            self.lua.known[name] = (local, type_.name)
            value = local
        if self.table:
            held = f"R.held({value})" if nullable else value
            self.lua.line(f"variables[{lua_string(name)}] = {held}")
        elif not local:
            self.lua.line(f"local _ = {value}")  # Nobody reads it; what computes it still runs.


def _walk(block: Block) -> Iterator[Statement]:
    for statement in block.statements:
        yield statement
        for inner in statement.blocks:
            yield from _walk(inner)


@dataclass(slots=True)
class Branches:
    """Which variables are certainly set behind a statement whose blocks run, or not."""

    lua: LuaWriter
    before: dict[str, tuple[str, str]]
    _after: list[dict[str, tuple[str, str]]] = field(default_factory=list)

    @contextmanager
    def branch(self, *, ends: bool = False) -> Iterator[None]:
        """Around one block. Nothing behind the statement runs after one that ends."""
        self.lua.known = dict(self.before)
        yield
        if not ends:
            self._after.append(self.lua.known)

    def join(self, *, complete: bool) -> None:
        """Behind the last block; `complete` if one of them has certainly run."""
        if not complete:
            self._after.append(self.before)
        first, *rest = self._after or [self.before]
        self.lua.known = {name: known for name, known in first.items() if all(r.get(name) == known for r in rest)}
