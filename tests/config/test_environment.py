"""What is read from the environment."""

from __future__ import annotations

import pytest

from tidegate.config import child_environment, read_environment


@pytest.mark.parametrize(
    ("variables", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colors(variables: dict[str, str], on_terminal: bool, in_pipe: bool) -> None:
    """On a terminal, unless it is dumb or the user says no; in a pipe only when forced."""
    environment = read_environment(variables)
    assert environment.use_color(is_terminal=True) is on_terminal
    assert environment.use_color(is_terminal=False) is in_pipe


def test_continuous_integration() -> None:
    """CI systems say so."""
    environment = read_environment({"CI": "true", "GITHUB_ACTIONS": "true"})
    assert environment.runs_in_ci
    assert environment.github_actions
    assert not read_environment({"CI": "false"}).runs_in_ci


def test_children_inherit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child gets our environment with its own variables over it."""
    monkeypatch.setenv("TIDEGATE_TEST_A", "1")
    monkeypatch.setenv("TIDEGATE_TEST_B", "1")
    child = child_environment({"TIDEGATE_TEST_B": "2"})
    assert (child["TIDEGATE_TEST_A"], child["TIDEGATE_TEST_B"]) == ("1", "2")
    assert read_environment().term == child.get("TERM", "")
