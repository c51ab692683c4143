"""The command line: one file per command. Commands parse arguments, call `pipeline` or `runtime`, print, and choose the
exit code: 0 fine, 1 the input is wrong, 2 the command line is wrong, 3 the environment failed, 70 our own bug.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """The entry point of the `tidegate` script."""
    # Loading takes a moment, longer than a quick Ctrl-C; only what is imported in here can be interrupted quietly.
    try:
        from tidegate.cli.entry import main as run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()
