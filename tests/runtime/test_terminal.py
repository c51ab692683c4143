"""What `tidegate up` says, to people and to programs."""

from __future__ import annotations

import io
import json

from tidegate.clock import ManualClock
from tidegate.runtime.terminal import Terminal, request_line

REQUEST = json.dumps(
    {
        "status": 200,
        "method": "GET",
        "path": "/tasks",
        "duration_ms": 12,
        "route": "tasks/task#0.0",
        "details": "via_upstream",
    }
)


def terminal(*, json_lines: bool = False, color: bool = False) -> tuple[Terminal, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Terminal(json_lines=json_lines, color=color, clock=ManualClock(), out=out, err=err), out, err


def test_people_read_the_text() -> None:
    said, out, _ = terminal()
    said.event("up.ready", "ready in 1.00 s", fields={"duration_s": 1.0})
    assert out.getvalue() == "ready in 1.00 s\n"


def test_programs_read_one_object_a_line() -> None:
    said, out, err = terminal(json_lines=True)
    said.event("up.ready", "ready\nin", fields={"duration_s": 1.0})
    said.fatal("no", exit_code=3)
    (line,) = out.getvalue().splitlines()
    assert json.loads(line) == {
        "timestamp": "2027-01-15T08:00:00.000+00:00",
        "level": "info",
        "event": "up.ready",
        "text": "ready\nin",
        "duration_s": 1.0,
    }
    assert json.loads(err.getvalue())["exit"] == 3


def test_a_failure_is_one_line_and_a_diagnostic_stays_as_it_is() -> None:
    said, _, err = terminal()
    said.fatal("no way", exit_code=3)
    said.fatal("error[TG9101] port-in-use: ...", exit_code=3)
    assert err.getvalue() == "error: no way\nerror[TG9101] port-in-use: ...\n"


def test_colours_only_where_they_are_wanted() -> None:
    for color in (False, True):
        said, out, err = terminal(color=color)
        said.dim("x", "text")
        said.fatal("no", exit_code=3)
        assert ("\x1b[" in out.getvalue() + err.getvalue()) is color


def test_a_reader_that_went_away_stops_nothing() -> None:
    said, out, _ = terminal()
    out.close()
    said.event("up.ready", "ready")


def test_a_request_is_one_line() -> None:
    said, out, _ = terminal()
    said.request(REQUEST)
    assert out.getvalue() == "200 GET /tasks  12 ms, tasks/task#0.0\n"
    said, out, _ = terminal(json_lines=True)
    said.request(REQUEST)
    assert out.getvalue() == REQUEST + "\n"


def test_a_refused_request_says_who_answered() -> None:
    refused = {**json.loads(REQUEST), "status": 401, "details": "lua_response"}
    assert request_line(json.dumps(refused)) == "401 GET /tasks  12 ms, tasks/task#0.0, lua_response"


def test_a_line_of_another_shape_is_passed_on() -> None:
    assert request_line("something else") == "something else"
    assert request_line("{}") == "{}"
