"""Children cannot outlive whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from system import alive, until
from tidegate.runtime.children import Child, Inheritance
from tidegate.runtime.guardian import start_guardian
from tidegate.runtime.processes import ProcessReport, ProcessSpec
from tidegate.runtime.spawn import describe_exit, kill_group, spawn

FOREVER = "import signal; signal.pause()"


def spec(folder: Path, code: str, **more: object) -> ProcessSpec:
    command = (sys.executable, "-c", code)
    return ProcessSpec(name="a", command=command, environment={}, directory=str(folder), **more)  # type: ignore[arg-type]  # options passed on by name


def test_a_child_leads_its_own_session_and_gets_nothing_but_its_environment(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getsid(0) == os.getpid(), sorted(os.environ), os.getcwd(), sys.argv[1:])"
    child = spawn(spec(tmp_path, code), arguments=("--more", "1"))
    said, _ = child.communicate()
    assert said.decode().split(maxsplit=1)[0] == "True"
    assert "PATH" not in said.decode()
    assert str(tmp_path) in said.decode()
    assert "['--more', '1']" in said.decode()


def test_a_group_ends_together(tmp_path: Path) -> None:
    code = (
        f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]); print(c.pid, flush=True)"
    )
    child = spawn(spec(tmp_path, f"{code}\n{FOREVER}"))
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    kill_group(child.pid)
    child.wait()
    until(lambda: not alive(grandchild), what="the grandchild's end")
    kill_group(child.pid)  # Gone is fine.
    child.communicate()


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Also without a guardian: the kernel sees to it."""
    starter = (
        "import sys, signal\n"
        "from tidegate.runtime.processes import ProcessSpec\n"
        "from tidegate.runtime.spawn import spawn\n"
        f"spec = ProcessSpec('a', (sys.executable, '-c', {FOREVER!r}), {{}}, {str(tmp_path)!r})\n"
        "print(spawn(spec).pid, flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    until(lambda: not alive(pid), what="the child's end")


@pytest.mark.parametrize(
    ("code", "text"), [(0, "exit code 0"), (3, "exit code 3"), (-9, "signal SIGKILL"), (-200, "signal 200")]
)
def test_an_end_is_described(code: int, text: str) -> None:
    assert describe_exit(code) == text


def test_a_process_without_command_or_of_an_unknown_phase_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no command"):
        ProcessSpec(name="a", command=(), environment={}, directory=str(tmp_path))
    with pytest.raises(ValueError, match="phase"):
        spec(tmp_path, "", phase="later")


def test_descriptions_and_reports_survive_the_channel(tmp_path: Path) -> None:
    described = spec(tmp_path, "x", phase="envoy", critical=True, admin_socket="/a", shared_memory="/m")
    assert ProcessSpec.from_json(described.to_json()) == described
    report = ProcessReport("a", "backing-off", None, 2, "exit code 1", ("last",))
    assert ProcessReport.from_json(report.to_json()) == report


def test_the_guardian_kills_what_is_registered_and_removes_the_file(tmp_path: Path) -> None:
    """Once its pipe ends; what was forgotten is left alone."""
    mine, forgotten = spawn(spec(tmp_path, FOREVER)), spawn(spec(tmp_path, FOREVER))
    file = tmp_path / "ready.json"
    file.write_text("{}")
    guardian = start_guardian()
    guardian.watch(mine.pid)
    guardian.watch(forgotten.pid)
    guardian.forget(forgotten.pid)
    guardian.remove_file(file)
    guardian.close()
    assert mine.wait() == -signal.SIGKILL
    assert not file.exists()
    assert alive(forgotten.pid)
    os.killpg(forgotten.pid, signal.SIGKILL)
    for child in (mine, forgotten):
        child.communicate()


def test_a_child_shows_its_name_and_state() -> None:
    """What a debugger sees."""
    assert Inheritance() == Inheritance((), ())
    assert Child.__doc__
