"""What claims of tokens may be used for.

Only a token that was verified says anything, and a header that tells a backend who calls must be set on every way
to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import policy_lint as codes
from tidegate.policies.catalogue.choose import Choose
from tidegate.policies.catalogue.set_header import SetHeader
from tidegate.policies.document import Block, Statement
from tidegate.policies.lint.trees import members
from tidegate.policies.settings import Setting

_VERIFIERS: Final = frozenset({"validate-jwt", "validate-azure-ad-token"})
_PARSERS: Final = frozenset({"AsJwt", "TryParseJwt"})
_CLAIM_MEMBERS: Final = frozenset({"Claims", "Subject", "AsJwt", "TryParseJwt"})
_TRUSTING: Final = frozenset(
    {"rate-limit-by-key", "quota-by-key", "set-header", "llm-token-limit", "azure-openai-token-limit"}
)
"""Policies whose values somebody relies on: counters, and headers that backends believe."""


@dataclass(frozen=True, slots=True)
class _State:
    """What holds at one place of the program."""

    verified: bool = False
    doubtful: frozenset[str] = frozenset()
    """Variables that hold something of a token that nobody has verified."""
    told: frozenset[str] = frozenset()
    """Request headers that were certainly set or removed."""


@dataclass(slots=True)
class _Walk:
    found: Found
    claims: dict[str, tuple[str, Span]] = field(default_factory=dict)
    """Headers that are set from claims somewhere: in lower case -> as written, place."""

    def statements(self, statements: Iterable[Statement], state: _State) -> _State:
        for statement in statements:
            state = self.statement(statement, state)
        return state

    def statement(self, statement: Statement, state: _State) -> _State:
        doubtful = {s.span for s in statement.settings if self._doubts(s, state)}
        if doubtful and statement.name in _TRUSTING:
            self.found.add(
                codes.TOKEN_UNVERIFIED,
                at=min(doubtful, key=lambda span: (span.line, span.column)),
                name=statement.name,
                help="put a `validate-jwt` before it, on every way that leads here",
                notes=("AsJwt only reads: anybody can write a token that says anything",),
            )
        if isinstance(statement, SetHeader):
            state = self._header(statement, state)
        if statement.blocks:
            state = self._blocks(statement, state)
        if statement.name in _VERIFIERS:
            state = replace(state, verified=True, doubtful=state.doubtful - set(statement.sets))
        elif statement.sets:
            names = frozenset(statement.sets)
            state = replace(state, doubtful=state.doubtful | names if doubtful else state.doubtful - names)
        return state

    def _doubts(self, setting: Setting, state: _State) -> bool:
        if setting.expression is None:
            return False
        parses = not state.verified and not _PARSERS.isdisjoint(members(setting))
        return parses or any(variable.value in state.doubtful for variable in setting.expression.variables)

    def _header(self, statement: SetHeader, state: _State) -> _State:
        name = _literal(statement.header)
        if name is None or statement.action not in ("override", "delete"):
            return state
        if any(not _CLAIM_MEMBERS.isdisjoint(members(value)) for value in statement.values):
            self.claims.setdefault(name.lower(), (name, statement.span))
        return replace(state, told=state.told | {name.lower()})

    def _blocks(self, statement: Statement, state: _State) -> _State:
        """What holds behind a statement whose blocks run, or not."""
        ends = [self.statements(block.statements, state) for block in statement.blocks]
        after = [end for end, block in zip(ends, statement.blocks, strict=True) if not _leaves(block)]
        if isinstance(statement, Choose) and not statement.is_complete:
            after.append(state)
        return _joined(after) if after else state


def lint_claims(statements: tuple[Statement, ...], found: Found) -> None:
    """Look at everything that runs before the backend is called."""
    walk = _Walk(found)
    state = walk.statements(statements, _State())
    for header, (name, span) in walk.claims.items():
        if header not in state.told:
            found.add(
                codes.CLAIM_HEADER_PARTIAL,
                at=span,
                name=name,
                help=f'remove it before: `<set-header name="{name}" exists-action="delete" />` at the top of inbound',
                notes=("on the ways that do not set it, a client's own header reaches the backend",),
            )


def _joined(states: Iterable[_State]) -> _State:
    first, *rest = states
    for state in rest:
        first = _State(first.verified and state.verified, first.doubtful | state.doubtful, first.told & state.told)
    return first


def _leaves(block: Block) -> bool:
    return block.ends


def _literal(header: object) -> str | None:
    if isinstance(header, Setting):
        return header.literal if isinstance(header.literal, str) else None
    return header if isinstance(header, str) else None
