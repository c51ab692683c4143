"""What a command cannot do for a reason that the user can understand."""

from __future__ import annotations


class Failure(Exception):
    """One line on standard error and an exit code."""

    def __init__(self, text: str, *, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code
