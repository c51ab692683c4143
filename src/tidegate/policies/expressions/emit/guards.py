"""`try`: a function of Lua under pcall, what catches its exceptions, and its other ways out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tidegate.policies.expressions import typed_statements as ts
from tidegate.policies.expressions.emit import statements
from tidegate.policies.expressions.emit.frames import RETURN_CODE, Frame
from tidegate.policies.expressions.emit.values import Emitter
from tidegate.policies.lua_text import lua_string

WriteBlock: TypeAlias = Callable[[Emitter, ts.Block], None]


def try_(emitter: Emitter, each: ts.Try, write: WriteBlock) -> None:
    """`finally` is a guard around all the rest."""
    writer = emitter.writer
    with writer.block("do"):
        if each.last is None:
            _catching(emitter, each, write)
            return
        guarded = _guard(
            emitter, lambda: _catching(emitter, each, write) if each.catches else write(emitter, each.body)
        )
        with writer.block("do"):
            write(emitter, each.last)
        ok, code, value, frame = guarded
        writer.line(f"if not {ok} then error({code}, 0) end")
        _ways_out(emitter, frame, code, value)


def _guard(emitter: Emitter, write: Callable[[], None]) -> tuple[str, str, str, Frame]:
    """Run something under pcall: whether it went well, the number of its way out or the error, and its value."""
    writer = emitter.writer
    ok, code, value = writer.local(), writer.local(), writer.local()
    frame = Frame(is_guarded=True, caught=list(emitter.frames[-1].caught))
    with writer.block(f"{ok}, {code}, {value} = pcall(function()", "end)"), emitter.inside(frame):
        write()
    return ok, code, value, frame


def _catching(emitter: Emitter, each: ts.Try, write: WriteBlock) -> None:
    writer = emitter.writer
    ok, code, value, frame = _guard(emitter, lambda: write(emitter, each.body))
    with writer.block(f"if not {ok} then"):
        caught = writer.local(f"R.caught({code})")
        done = writer.local("false")
        for clause in each.catches:
            _catch(emitter, clause, caught, done, write)
        writer.line(f"if not {done} then error({code}, 0) end")
    _ways_out(emitter, frame, code, value, behind=ok)


def _catch(emitter: Emitter, clause: ts.Catch, caught: str, done: str, write: WriteBlock) -> None:
    writer, frame = emitter.writer, emitter.frames[-1]
    kind = f" and R.catches({caught}, {lua_string(clause.kind.name)})" if clause.kind is not None else ""
    with writer.block(f"if not {done}{kind} then"):
        writer.line(f"local {clause.name} = {caught}")
        if clause.filter is not None:
            writer.line(f"{done} = {emitter.value(clause.filter)}")
        else:
            writer.line(f"{done} = true")
        frame.caught.append(caught)
        with writer.block(f"if {done} then"):
            write(emitter, clause.body)
        frame.caught.pop()


def _ways_out(emitter: Emitter, frame: Frame, code: str, value: str, *, behind: str = "") -> None:
    """Take the way out that the guarded part has told."""
    writer = emitter.writer
    condition = f"{behind} and " if behind else ""
    for way in sorted(frame.codes):
        with writer.block(f"if {condition}{code} == {way} then"):
            if way == RETURN_CODE:
                statements.leave(emitter, value)
            else:
                statements.jump(emitter, way // 2, is_break=way % 2 == 0)
