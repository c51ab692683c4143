"""`choose`: the first `when` whose condition is true runs, else `otherwise`. Later conditions are not worked out."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Block, Statement
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.lua_text import Line
from tidegate.policies.program_writer import Branches, ProgramWriter
from tidegate.policies.settings import Setting

CASES: Final = 20
"""Of one function in a program in parts: Lua bounds how far a jump goes."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One `when` as Lua: what its condition needs before it, the condition, and the content."""

    lines: list[Line]
    condition: str
    block: Block


@dataclass(frozen=True, slots=True)
class Choose(Statement):
    conditions: tuple[Setting, ...]
    """Of each `when`."""
    branches: tuple[Block, ...]
    """Of each `when`, and then of `otherwise` if there is one."""

    name: ClassVar[str] = "choose"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.branches

    @property
    def is_complete(self) -> bool:
        """Whether one of the branches certainly runs."""
        return len(self.branches) > len(self.conditions)

    @property
    def ends(self) -> bool:
        return self.is_complete and all(block.ends for block in self.branches)

    def summary(self) -> str:
        parts = [f"when {condition.shown}" for condition in self.conditions]
        return f"choose: {', '.join((*parts, 'otherwise') if self.is_complete else parts)}"

    def emit(self, out: ProgramWriter) -> None:
        flow = out.branches()
        self._cases(out, flow, 0)
        flow.join(complete=self.is_complete)

    def _cases(self, out: ProgramWriter, flow: Branches, first: int) -> None:
        """The cases from one on. In a program in parts, some of them, and the others where none of these was true."""
        last = min(first + CASES, len(self.conditions)) if out.parts else len(self.conditions)
        groups = self._groups(out, first, last)
        is_last = last == len(self.conditions)
        has_else = self.is_complete or not is_last
        # Conditions that take statements of their own cannot be `elseif`s: a local tells whether one was true before.
        done = out.lua.local("false") if len(groups) > 1 else ""
        for index, group in enumerate(groups):
            with ExitStack() as stack:
                if index:
                    stack.enter_context(out.lua.block(f"if not {done} then"))
                out.lua.take(group[0].lines, deeper=1 if index else 0)
                for position, case in enumerate(group):
                    out.lua.line(f"{'elseif' if position else 'if'} {case.condition} then")
                    _branch(out, case.block, flow, done)
                if has_else and not done:
                    out.lua.line("else")
                    self._otherwise(out, flow, last)
                out.lua.line("end")
        if has_else and done:
            out.lua.line(f"if not {done} then")
            self._otherwise(out, flow, last)
            out.lua.line("end")

    def _otherwise(self, out: ProgramWriter, flow: Branches, number: int) -> None:
        if number == len(self.conditions):
            _branch(out, self.branches[-1], flow)
            return
        with out.lua.indented(), out.part():
            self._cases(out, flow, number)

    def _groups(self, out: ProgramWriter, first: int, last: int) -> list[list[_Case]]:
        """The cases, each group one chain of `if` and `elseif`s."""
        groups: list[list[_Case]] = []
        for condition, block in zip(self.conditions[first:last], self.branches[first:last], strict=True):
            with out.lua.captured() as lines:
                value = condition.emit(out.lua)
            if lines or not groups:
                groups.append([])
            groups[-1].append(_Case(lines, value, block))
        return groups


def _branch(out: ProgramWriter, block: Block, flow: Branches, done: str = "") -> None:
    with out.lua.indented(), flow.branch(ends=block.ends):
        if done:
            out.lua.line(f"{done} = true")
        out.block(block)


def read(reader: ElementReader) -> Choose | None:
    policy_id = reader.literal("id") or ""
    conditions: list[Setting] = []
    branches: list[Block] = []
    for number, when in enumerate(reader.children("when"), 1):
        condition = when.setting("condition", BOOL, required=True)
        branches.append(when.block(f"when[{number}]"))
        when.finish()
        if condition is not None:
            conditions.append(condition)
    if not branches:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="choose", expected="a `<when>`")
    for otherwise in reader.child("otherwise"):
        branches.append(otherwise.block("otherwise"))
        otherwise.finish()
    return Choose(reader.span, policy_id, tuple(conditions), tuple(branches)) if reader.finish() else None
