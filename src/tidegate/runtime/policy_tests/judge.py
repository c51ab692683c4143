"""What came, against what was expected. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidegate.diagnostics import Span
from tidegate.manifests.schema.policy_test import Expected, ExpectedCall
from tidegate.runtime.policy_tests.messages import Answer, Call, HeaderLines, values

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case."""

    name: str
    span: Span
    seconds: float
    problems: tuple[str, ...] = ()
    """What differs from what was expected, a line each; empty: it passed."""
    trace: tuple[str, ...] = ()
    """What the policies did, a line each; only for a case that failed."""


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One PolicyTest."""

    name: str
    file: str
    cases: tuple[CaseResult, ...]

    @property
    def failed(self) -> int:
        return sum(1 for case in self.cases if case.problems)


def judge(expected: Expected, answer: Answer, calls: Sequence[Call]) -> tuple[str, ...]:
    """Every difference, in words."""
    return tuple(_differences(expected, answer, calls))


def _differences(expected: Expected, answer: Answer, calls: Sequence[Call]) -> Iterator[str]:
    if expected.status is not None and answer.status != expected.status:
        yield f"status: expected {expected.status}, got {answer.status}{_hint(answer)}"
    yield from _headers("", expected.headers, answer.headers)
    yield from _body("body", expected.body, expected.json_, answer.body)
    for text in expected.contains:
        if text.encode() not in answer.body:
            yield f"body: does not contain {text!r}: {_shown(answer.body)}"
    if expected.backend is not None and (expected.backend == "called") != bool(calls):
        yield f"backend: expected it {expected.backend}, {_listed(calls)}"
    if expected.calls is not None:
        if len(calls) != len(expected.calls):
            yield f"calls: expected {len(expected.calls)}, {_listed(calls)}"
        for number, (wanted, call) in enumerate(zip(expected.calls, calls, strict=False), 1):
            yield from _call(f"call {number}", wanted, call)


def _call(where: str, wanted: ExpectedCall, call: Call) -> Iterator[str]:
    for name, expected, got in (
        ("host", wanted.host, call.host),
        ("method", wanted.method, call.method),
        ("path", wanted.path, call.path),
    ):
        if expected is not None and expected != got:
            yield f"{where}: {name}: expected {expected!r}, got {got!r}"
    yield from _headers(f"{where}: ", wanted.headers, call.headers)
    yield from _body(f"{where}: body", wanted.body, wanted.json_, call.body)


def _headers(where: str, wanted: Mapping[str, object], got: HeaderLines) -> Iterator[str]:
    for name, expected in wanted.items():
        lines = values(got, name)
        if expected is None:
            if lines:
                yield f"{where}header {name}: expected none, got {_texts(lines)}"
        elif lines != expected:
            yield f"{where}header {name}: expected {_texts(expected)}, got {_texts(lines) if lines else 'none'}"


def _texts(lines: object) -> str:
    listed = lines if isinstance(lines, tuple) else (lines,)
    return " and ".join(repr(line) for line in listed)


def _body(where: str, text: str | None, content: object, got: bytes) -> Iterator[str]:
    if text is not None and got != text.encode():
        yield f"{where}: expected {text!r}, got {_shown(got)}"
    if content is None:
        return
    try:
        value = json.loads(got)
    except ValueError:
        yield f"{where}: expected JSON, got {_shown(got)}"
        return
    yield from (f"{where}: {difference}" for difference in differences(content, value, "$"))


def differences(wanted: object, got: object, path: str) -> Iterator[str]:
    """Where JSON differs from what is wanted of it: objects may have further members, arrays no further items."""
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name, value in wanted.items():
            here = f"{path}.{name}"
            if name not in got:
                yield f"{here}: expected {_json(value)}, there is no such member"
            else:
                yield from differences(value, got[name], here)
    elif isinstance(wanted, list | tuple) and isinstance(got, list):
        if len(wanted) != len(got):
            yield f"{path}: expected {len(wanted)} items, got {len(got)}: {_json(got)}"
        for number, (one, other) in enumerate(zip(wanted, got, strict=False)):
            yield from differences(one, other, f"{path}[{number}]")
    elif isinstance(wanted, bool) != isinstance(got, bool) or wanted != got:
        yield f"{path}: expected {_json(wanted)}, got {_json(got)}"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _shown(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…") if body else "an empty body"


def _hint(answer: Answer) -> str:
    return f" ({_shown(answer.body)})" if answer.status >= 400 and answer.body else ""


def _listed(calls: Sequence[Call]) -> str:
    if not calls:
        return "there was no call"
    return "there were " + ", ".join(f"{call.method} {call.host}{call.path}" for call in calls[:5])
