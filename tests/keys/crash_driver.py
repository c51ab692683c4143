"""A process that rotates keys and kills itself (SIGKILL) at the n-th system call that changes a file.

    python crash_driver.py DIRECTORY N

Prints the number of such calls when it gets to its end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tidegate.clock import SystemClock
from tidegate.keys import FileKeyStore, KeyRing


def main(directory: str, die_at: int) -> None:
    calls = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return call

    ring = KeyRing("tenants", store=FileKeyStore(Path(directory)), clock=SystemClock())
    for name in ("open", "fsync", "replace", "unlink", "close", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
    ring.rotate()
    print(calls)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
