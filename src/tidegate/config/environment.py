"""What the environment says. Nothing else in Tidegate reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """The variables that the command line heeds; settings come from options."""

    no_color: bool = False
    """NO_COLOR is set to anything but "" (the convention of no-color.org)."""
    force_color: bool = False
    """FORCE_COLOR is set: colours also into a pipe, for CI systems that show them."""
    term: str = ""
    """TERM; `dumb` means a terminal without colours."""
    runs_in_ci: bool = False
    """CI is set, as every CI system does."""
    github_actions: bool = False
    """GITHUB_ACTIONS is `true`: annotations can be shown on changed lines."""

    def use_color(self, *, is_terminal: bool) -> bool:
        """Whether output to a terminal, or not to one, has colours."""
        if self.no_color:
            return False
        return self.force_color or (is_terminal and self.term != "dumb")


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Read the process's environment, or the given variables."""
    given = os.environ if variables is None else variables
    return Environment(
        no_color=bool(given.get("NO_COLOR")),
        force_color=given.get("FORCE_COLOR", "") not in ("", "0", "false"),
        term=given.get("TERM", ""),
        runs_in_ci=given.get("CI", "").lower() not in ("", "0", "false"),
        github_actions=given.get("GITHUB_ACTIONS") == "true",
    )


def child_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child process: ours, with `variables` in it."""
    return {**os.environ, **variables}
