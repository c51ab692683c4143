"""Supervision over real, tiny processes: restarts, kills, replacement, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from system import alive, until

DRIVER = Path(__file__).with_name("driver.py")


class Driven:
    """A supervisor with a scripted control process, in a process of its own."""

    def __init__(self, folder: Path, *, script: list[dict[str, Any]], **options: Any) -> None:
        self.folder = folder
        self.ready_file = folder / "ready.json"
        (folder / "script.json").write_text(json.dumps(script))
        (folder / "options.json").write_text(json.dumps(options))
        with (folder / "out").open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(DRIVER), str(folder)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def said(self) -> str:
        return (self.folder / "out").read_text()

    def pid(self, name: str) -> int:
        """The pid that the child wrote when it started."""
        return int(self.wait_file(f"{name}.pid").read_text())

    def wait_file(self, name: str) -> Path:
        path = self.folder / name
        until(lambda: path.exists() and path.read_text().endswith("\n"), what=f"{name}\n{self.said()}")
        return path

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(20)


Start = Callable[..., Driven]

DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('deaf', 'w').write('\\n')\nwhile True: signal.pause()"
"""Ignores SIGTERM."""


def parent_of(grandchild: Path, *, apart: bool) -> str:
    """Starts a process of its own and writes its pid; `apart`: in another session."""
    return (
        f"c = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session={apart})\n"
        f"open({str(grandchild)!r}, 'w').write(f'{{c.pid}}\\n')\nsignal.pause()"
    )


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[Driven] = []

    def begin(script: list[dict[str, Any]], **options: Any) -> Driven:
        driven = Driven(tmp_path, script=script, **options)
        running.append(driven)
        return driven

    yield begin
    for driven in running:
        if driven.process.poll() is None:
            driven.end(signal.SIGKILL)


def process(folder: Path, name: str, *, then: str = "signal.pause()", **more: Any) -> dict[str, Any]:
    """A child that writes NAME.pid and then does as told."""
    code = (
        "import os, signal, sys, subprocess, time\n"
        f"p = {str(folder / name)!r} + '.pid'\n"
        "open(p + '~', 'w').write(f'{os.getpid()}\\n'); os.replace(p + '~', p)\n"
        f"{then}\n"
    )
    return {
        "name": name,
        "command": [sys.executable, "-c", code],
        "environment": {"PATH": os.environ["PATH"]},
        "directory": str(folder),
        **more,
    }


def run(*processes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "processes", "processes": list(processes)}


READY = {"type": "ready", "ready": {"gateways": {}}, "summary": "all well"}


def test_children_run_and_end_with_the_supervisor(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a"), process(tmp_path, "b")), READY])
    pids = [driven.pid("a"), driven.pid("b"), driven.pid("control")]
    content = json.loads(driven.wait_file("ready.json").read_text())
    assert content == {"gateways": {}, "pid": driven.process.pid}
    assert driven.end(signal.SIGINT) == 0
    assert not [pid for pid in pids if alive(pid)]
    assert not driven.ready_file.exists()
    assert "ready in" in driven.said()


def test_a_killed_child_is_started_again(start: Start, tmp_path: Path) -> None:
    talking = process(tmp_path, "a", then="print('hello', file=sys.stderr, flush=True)\nwhile True: signal.pause()")
    driven = start([run(talking), READY])
    first = driven.pid("a")
    driven.wait_file("ready.json")
    os.kill(first, signal.SIGKILL)
    until(lambda: driven.pid("a") != first, what="a second start")
    assert "a ended (signal SIGKILL); starts again" in driven.said()
    driven.end()


def test_a_killed_control_is_started_again_and_the_rest_goes_on(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a")), READY])
    other, first = driven.pid("a"), driven.pid("control")
    driven.wait_file("ready.json")
    os.kill(first, signal.SIGKILL)
    until(lambda: driven.pid("control") != first, what="a new control")
    until(lambda: (tmp_path / "control.heard").read_text().count('"serving": true') == 1, what="its options")
    assert alive(other)
    assert driven.pid("a") == other
    driven.end()


def test_nothing_outlives_a_killed_supervisor(start: Start, tmp_path: Path) -> None:
    """Also not what a child started itself, and not the ready file."""
    parent = parent_of(tmp_path / "grandchild.pid", apart=False)
    driven = start([run(process(tmp_path, "a", then=parent)), READY])
    pids = [driven.pid("a"), driven.pid("grandchild"), driven.pid("control")]
    driven.wait_file("ready.json")
    driven.end(signal.SIGKILL)
    until(lambda: not [pid for pid in pids if alive(pid)], what="the end of all")
    until(lambda: not driven.ready_file.exists(), what="the ready file's removal")


def test_a_grandchild_in_a_session_of_its_own_ends_too(start: Start, tmp_path: Path) -> None:
    grandchild = (
        "c = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True)\n"
    )
    grandchild += f"open({str(tmp_path / 'grandchild.pid')!r}, 'w').write(f'{{c.pid}}\\n')\nsignal.pause()"
    driven = start([run(process(tmp_path, "a", then=grandchild)), READY])
    escaped = driven.pid("grandchild")
    driven.wait_file("ready.json")
    assert driven.end() == 0
    assert not alive(escaped)


def test_a_child_that_ignores_sigterm_is_killed_after_its_grace(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a", then=DEAF, grace_s=0.2)), READY])
    pid = driven.pid("a")
    driven.wait_file("deaf")
    assert driven.end() == 0
    assert not alive(pid)


def test_a_second_signal_stops_at_once(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a", then=DEAF, grace_s=3600)), READY])
    pid = driven.pid("a")
    driven.wait_file("deaf")
    driven.process.send_signal(signal.SIGINT)
    until(lambda: "stopping" in driven.said(), what="the first signal's effect")

    def ended_by_another() -> bool:
        """Signals in quick succession count as one, so it is sent until it is understood."""
        driven.process.send_signal(signal.SIGINT)
        return driven.process.poll() is not None

    until(ended_by_another, what="the end")
    assert driven.end() == 0
    assert not alive(pid)


def test_a_changed_description_replaces_and_a_missing_one_stops(start: Start, tmp_path: Path) -> None:
    a, b = process(tmp_path, "a"), process(tmp_path, "b")
    driven = start([run(a, b), READY, {"wait": "go"}, run({**a, "grace_s": 7.0})])
    first, second = driven.pid("a"), driven.pid("b")
    driven.wait_file("ready.json")
    (tmp_path / "go").write_text("\n")
    until(lambda: not alive(second), what="b's end")
    until(lambda: not alive(first) and alive(driven.pid("a")), what="a's replacement")
    driven.end()


def test_a_critical_child_that_dies_at_once_ends_all_with_its_own_reason(start: Start, tmp_path: Path) -> None:
    dying = process(tmp_path, "envoy", then="sys.exit('[critical] no such extension')", critical=True)
    driven = start([run(dying)])
    assert driven.process.wait(20) == 3
    said = driven.said()
    assert "no such extension" in said
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if line.startswith("error")]) == 1


def test_a_program_that_does_not_exist_is_retried_and_named(start: Start, tmp_path: Path) -> None:
    driven = start([run({**process(tmp_path, "a"), "command": ["no-such-program"]}), READY])
    until(lambda: "no-such-program: No such file" in driven.said(), what="the reason")
    assert driven.end() == 0
    assert "(cannot be started: no-such-program: No such file or directory); starts again" in driven.said()


def test_a_directory_that_does_not_exist_is_named_instead_of_the_program(start: Start, tmp_path: Path) -> None:
    driven = start([run({**process(tmp_path, "a"), "directory": str(tmp_path / "nowhere")}), READY])
    until(lambda: f"cannot be started: {tmp_path}/nowhere: No such file" in driven.said(), what="the reason")
    assert driven.end() == 0


def test_control_can_end_everything_with_a_reason(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a")), {"wait": "a.pid"}, {"type": "fatal", "exit_code": 1, "text": "no"}])
    pid = driven.pid("a")
    assert driven.process.wait(20) == 1
    assert "error: no" in driven.said()
    assert not alive(pid)


def test_output_of_a_child_is_logged_and_shown_only_where_asked(start: Start, tmp_path: Path) -> None:
    talk = "print('to the log', flush=True)\nsignal.pause()"
    show = "print('GET / 200', flush=True)\nsignal.pause()"
    driven = start(
        [run(process(tmp_path, "a", then=talk), process(tmp_path, "b", then=show, shows_stdout=True)), READY]
    )
    until(lambda: "GET / 200" in driven.said(), what="the shown line")
    until(lambda: "to the log" in (tmp_path / "state" / "logs" / "a.log").read_text(), what="the log")
    driven.end()
    assert "to the log" not in driven.said()


def test_json_lines_are_json(start: Start, tmp_path: Path) -> None:
    driven = start([run(process(tmp_path, "a")), READY], log_format="json")
    driven.wait_file("ready.json")
    driven.end()
    events = [json.loads(line) for line in driven.said().splitlines()]
    assert "up.ready" in {event["event"] for event in events}
