"""What one request met, as the runtime wrote it down (lua/trace.lua), in the words of the documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidegate.model import PolicyProgram, StepSummary, World
from tidegate.pipeline.compilation import Compilation
from tidegate.policies import NamedValue
from tidegate.policies.redaction import redact

_QUIET: Final = frozenset({"not_null", "text", "tick", "settle_request", "unbox", "box", "variable", "item"})
"""Functions of the library that tell a reader nothing that the statement's own words do not."""


class NoTrace(ValueError):
    """The text is no trace."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a statement changed; None: it was or is not there."""

    what: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One statement that ran."""

    step: int
    """Its number in the program, from 1."""
    us: float
    """Microseconds, without those of looking at it."""
    calls: tuple[tuple[str, tuple[str, ...], str | None], ...]
    """What it asked the runtime for: function, inputs, result."""
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """One request."""

    id: str
    digest: str
    """Of the program that ran."""
    method: str
    url: str
    us: float
    """Microseconds from its first statement to the last, with the backend's."""
    status: str
    made_by: str
    """`gateway` or `backend`; "" while none has answered."""
    events: tuple[Event, ...]
    error: Mapping[str, str]
    """LastError, by field; empty if nothing failed."""
    fault: str = ""
    """What the runtime itself stumbled over: nothing that a policy should be able to bring about."""


def read_trace(text: str) -> Trace:
    """Raises NoTrace."""
    try:
        content = json.loads(text)
        return Trace(
            id=str(content["id"]),
            digest=str(content["digest"]),
            method=str(content["method"]),
            url=str(content["url"]),
            us=float(content.get("us") or 0),
            status=_text(content.get("status")) or "",
            made_by=_text(content.get("by")) or "",
            events=tuple(_event(each) for each in content["events"]),
            error={name: str(value) for name, value in dict(_object(content.get("error"))).items()},
            fault=_text(content.get("fault")) or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError) as reason:
        raise NoTrace(f"this is no trace: {reason}") from reason


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _event(content: Any) -> Event:
    return Event(
        step=int(content["step"]),
        us=float(content["us"]),
        calls=tuple((str(c["name"]), tuple(c["inputs"]), _text(c.get("result"))) for c in content["calls"]),
        changes=tuple(Change(w, n, _text(b), _text(a)) for w, n, b, a in content["changes"]),
    )


def program_of(world: World, digest: str) -> PolicyProgram | None:
    """The program that ran, if a route still has it."""
    for gateway in world.gateways:
        for listener in gateway.listeners:
            for route in listener.routes:
                for program in (route.program, *(each.program for each in route.products)):
                    if program is not None and program.digest == digest:
                        return program
    return None


def secrets_of(compilation: Compilation) -> tuple[NamedValue, ...]:
    """The secret named values that documents may have filled in."""
    memory = getattr(compilation.previous, "policies", None)
    documents = getattr(memory, "good", {}).values()
    return tuple(dict.fromkeys(secret for document in documents for secret in document.secrets))


def told(trace: Trace, compilation: Compilation) -> tuple[str, ...]:
    """For people, in the words of the documents that were compiled; secret named values are replaced by their names."""
    return trace_lines(trace, program_of(compilation.world, trace.digest), secrets_of(compilation))


def trace_lines(trace: Trace, program: PolicyProgram | None, secrets: Sequence[NamedValue] = ()) -> tuple[str, ...]:
    """For people: each statement with its place, its time, what it asked for and what it changed."""
    return tuple(redact(line, secrets) for line in _lines(trace, program))


def _lines(trace: Trace, program: PolicyProgram | None) -> Iterator[str]:
    who = f" by the {trace.made_by}" if trace.made_by else ""
    yield f"{trace.method} {trace.url}: {trace.status or 'no answer yet'}{who}, {trace.us / 1000:.2f} ms"
    section = ""
    for event in trace.events:
        step = _step(program, event.step)
        if step is None:
            yield f"  statement {event.step} of a program that is gone, {event.us:.0f} us"
            continue
        if step.section != section:
            section = step.section
            yield f"  {section}"
        indent = "    " + "  " * step.depth
        yield f"{indent}{step.span.file}:{step.span.line}: {step.text}  ({event.us:.0f} us)"
        yield from (f"{indent}    {line}" for line in _details(event))
    if trace.error:
        known = trace.error
        where = ", ".join(known[name] for name in ("source", "section", "scope", "path") if known.get(name))
        yield f"  failed: {known.get('reason', '')}: {known.get('message', '')}"
        yield f"    in {where}"
        failing = _failing(trace, program)
        if failing is not None:
            yield f"    {failing.span}: {failing.text}"
    if trace.fault:
        yield f"  a fault of the runtime: {trace.fault}"


def _failing(trace: Trace, program: PolicyProgram | None) -> StepSummary | None:
    """The statement that LastError is about: the last one of its policy that ran in its section."""
    source, section = trace.error.get("source", ""), trace.error.get("section", "")
    for event in reversed(trace.events):
        step = _step(program, event.step)
        if step is not None and step.section == section and re.match(rf"{re.escape(source)}(?![\w-])", step.text):
            return step if source else None
    return None


def _details(event: Event) -> Iterator[str]:
    for name, inputs, result in event.calls:
        if name not in _QUIET and inputs:
            yield f"{name}({', '.join(inputs)})" + (f" = {result}" if result is not None else "")
    for change in event.changes:
        before = "none" if change.before is None else change.before
        after = "none" if change.after is None else change.after
        yield f"{change.what} {change.name}: {before} -> {after}"


def _step(program: PolicyProgram | None, number: int) -> StepSummary | None:
    if program is None or not 1 <= number <= len(program.steps):
        return None
    return program.steps[number - 1]
