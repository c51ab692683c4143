"""Traces in the words of the documents."""

from __future__ import annotations

import json

import pytest

from tidegate.diagnostics import Span
from tidegate.model import PolicyProgram, StepSummary
from tidegate.pipeline.traces import NoTrace, read_trace, trace_lines
from tidegate.policies import NamedValue

TRACE = {
    "id": "0123abcd-1",
    "digest": "d",
    "method": "GET",
    "url": "a.test/x",
    "us": 1500,
    "status": "401",
    "by": "gateway",
    "events": [
        {"step": 1, "us": 12.4, "calls": [], "changes": [["request header", "x-a", False, "hunter2"]]},
        {"step": 2, "us": 3, "calls": [{"name": "rate_limit", "inputs": ['"k"', "10"]}], "changes": []},
        {"step": 9, "us": 1, "calls": [], "changes": []},
    ],
    "error": {"source": "rate-limit", "reason": "RateLimitExceeded", "message": "wait", "section": "inbound"},
}
PROGRAM = PolicyProgram(
    "d",
    "",
    steps=(
        StepSummary("inbound", "set-header x-a", Span("p.xml", 3, 1, 3, 9)),
        StepSummary("inbound", "rate-limit", Span("p.xml", 5, 1, 5, 9), depth=1),
    ),
)


def test_each_statement_with_its_place() -> None:
    """What it asked for and changed below it; a secret by its name; the failure at the end."""
    lines = trace_lines(read_trace(json.dumps(TRACE)), PROGRAM, [NamedValue("key", "hunter2", secret=True)])
    assert list(lines) == [
        "GET a.test/x: 401 by the gateway, 1.50 ms",
        "  inbound",
        "    p.xml:3: set-header x-a  (12 us)",
        "        request header x-a: none -> {{key}}",
        "      p.xml:5: rate-limit  (3 us)",
        '          rate_limit("k", 10)',
        "  statement 9 of a program that is gone, 1 us",
        "  failed: RateLimitExceeded: wait",
        "    in rate-limit, inbound",
        "    p.xml:5:1: rate-limit",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1, "events": [1]}', json.dumps({**TRACE, "events": [{}]})])
def test_what_is_no_trace(text: str) -> None:
    """A file that somebody else wrote."""
    with pytest.raises(NoTrace):
        read_trace(text)
