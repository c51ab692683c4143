"""The command line's frame: help, mistakes, bugs, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tidegate.cli import entry
from tidegate.cli.entry import COMMANDS, run, tidegate
from tidegate.cli.failure import Failure


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"tidegate {name}" in said
    assert "Examples:" in said


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    for name, line in COMMANDS.items():
        assert name in said
        assert line in said
    assert "Exit codes" in said


def test_the_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tidegate 0.")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["upp"],
        ["up", "--port-offset", "many"],
        ["up", "--port-offset", "65300"],
        ["up", "--bind", "nowhere"],
        ["up", "--allow-egress", "http://x/"],
        ["up", "--set", "NAME"],
        ["check", "--output-format", "html"],
        ["explain"],
        ["explain", "TG9999"],
        ["explain", "TG1001", "extra"],
        ["explain", "GET", "http://x/", "-H", "no-colon"],
        ["token", "--scope", "x"],
        ["token", "--scope", "x", "--user", "a", "--app", "b"],
        ["simulate", "weather"],
    ],
)
def test_a_mistake_in_the_command_is_2_and_no_traceback(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Makes every command raise what the list holds."""
    raised: list[BaseException] = []

    def fail(*_: object, **__: object) -> None:
        raise raised[0]

    monkeypatch.setattr(tidegate, "main", fail)
    return raised


def test_a_failure_is_one_line_and_its_exit_code(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(Failure("nobody is there", exit_code=3))
    assert run(["status"]) == 3
    assert capsys.readouterr().err == "error: nobody is there\n"


def test_an_interrupt_says_nothing(failing: list[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    for interruption in (KeyboardInterrupt(), click.Abort()):
        failing[:] = [interruption]
        assert run(["status"]) == 130
    assert capsys.readouterr().err == ""


def test_a_bug_is_one_line_and_a_report_without_secrets(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entry.tempfile, "tempdir", str(tmp_path))
    failing.append(ZeroDivisionError("client_secret=hunter2"))
    assert run(["status"]) == 70
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    (report,) = tmp_path.glob("tidegate-bug-*.txt")
    assert str(report) in said
    text = report.read_text()
    assert "ZeroDivisionError" in text
    assert "hunter2" not in text


def test_the_module_of_heavy_libraries_is_not_loaded_for_help() -> None:
    """`tidegate --help` and the supervisor start fast."""
    code = (
        "import sys\n"
        "from tidegate.cli.entry import run\n"
        "run(['--help']); run(['up', '--help'])\n"
        "import tidegate.runtime.up\n"
        "heavy = {'grpc', 'google.protobuf', 'pydantic', 'yaml', 'cryptography', 'structlog'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_interrupt_while_the_program_loads_is_no_traceback() -> None:
    code = (
        "import sys\n"
        "class Impatient:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Impatient())\n"
        "from tidegate.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
