"""`tidegate policy test` where nothing is run; with a real Envoy, tests/runtime/policy_tests/test_run.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.cli import policy
from tidegate.cli.entry import run

CASES = """\
apiVersion: tidegate.dev/v1alpha1
kind: PolicyTest
metadata: {name: a}
spec: {cases: [{name: first, request: {url: /a}, expect: {status: 200}}]}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_is_a_command() -> None:
    assert policy.command.name == "policy"
    assert list(policy.command.commands) == ["test"]


def test_an_error_in_the_files_is_shown_at_its_place(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `check` shows it, and nothing is run."""
    (here / "a.yaml").write_text(CASES.replace("status: 200", "status: 99"))
    assert run(["policy", "test", "a.yaml"]) == 1
    said = capsys.readouterr()
    assert "a.yaml:4:" in said.out
    assert "1 error" in said.err
    assert "nothing was run" in said.err


@pytest.mark.parametrize("words", [["-k", "second"], ["empty"]])
def test_without_a_case_there_is_nothing_to_run(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Not a success: a pipeline that tests nothing should know."""
    (here / "a.yaml").write_text(CASES)
    (here / "empty").mkdir()
    assert run(["policy", "test", *words]) == 1
    assert "there is no PolicyTest to run among the files" in capsys.readouterr().err


def test_a_case_that_no_listener_takes_fails(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason, in the report too."""
    (here / "a.yaml").write_text(CASES)
    assert run(["policy", "test", "a.yaml", "--junit", "out.xml"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(
        "FAILED a.yaml:4: default/a: first\n    the inputs have no HTTP listener\n0 passed, 1 failed"
    )
    assert "the inputs have no HTTP listener" in (here / "out.xml").read_text()
