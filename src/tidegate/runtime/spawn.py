"""Starting a process that cannot outlive this one.

Each child leads a session of its own (so that Ctrl-C reaches only the supervisor, which drains first, and so that one
kill reaches everything it started) and asks the kernel for SIGKILL when its parent dies.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import Final

from tidegate.runtime.processes import ProcessSpec

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_libc: Final = ctypes.CDLL(None, use_errno=True)


def spawn(spec: ProcessSpec, *, arguments: Sequence[str] = (), keep: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start `spec` with piped output; `keep` are descriptors it inherits. Raises OSError if it cannot be executed.

    Must be called by the main thread: prctl(2) ties PR_SET_PDEATHSIG to the thread that forked, and the process has no
    other threads, which makes running Python between fork and exec safe.
    """
    return subprocess.Popen(
        (*spec.command, *arguments),
        env=dict(spec.environment),
        cwd=spec.directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        pass_fds=tuple(keep),
        preexec_fn=_die_with(os.getpid()),
    )


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent died, so that they can be found and ended."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_group(leader: int, *, how: signal.Signals = signal.SIGKILL) -> None:
    """Signal a child's whole process group; gone is fine."""
    try:
        os.killpg(leader, how)
    except ProcessLookupError:
        return
    except PermissionError:
        # Some member changed its user; the leader is still ours.
        os.kill(leader, how)


def describe_exit(code: int) -> str:
    """`exit code 1` or `signal SIGKILL`, from Popen's return code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _die_with(parent: int) -> Callable[[], None]:
    def before_exec() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have died between fork and prctl; then nobody would send the signal any more.
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
