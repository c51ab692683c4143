"""The command line: one file per command. Commands parse arguments, call `pipeline` or `runtime`, print, and choose the
exit code: 0 fine, 1 the input is wrong, 2 the command line is wrong, 3 the environment failed, 70 our own bug.
"""

from tidegate.cli.entry import main

__all__ = ["main"]
