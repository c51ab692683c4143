"""Files that only their owner may read, written whole or not at all.

A write goes to a temporary file of the same directory, is flushed to the disk and renamed over the old one (POSIX
rename is atomic), and the directory is flushed too. A process killed at any point leaves the old file or the new one,
and perhaps a temporary file, which the next write under the same lock removes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_TEMPORARY: Final = ".tmp-"


def ensure_private_directory(directory: Path) -> None:
    """Create `directory` with mode 0700, or take everyone else's rights from it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(directory.stat().st_mode) != 0o700:
        directory.chmod(0o700)


def write_private_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `data` atomically and durably, with exactly this mode whatever the umask.

    Concurrent writers: the last rename wins.
    """
    temporary = path.with_name(f".{path.name}{_TEMPORARY}{secrets.token_hex(8)}")
    # O_EXCL and O_NOFOLLOW: never write through a file or link that somebody else put there.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_directory(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove temporary files that killed writers of `path` left. Only for holders of the lock that guards `path`."""
    for leftover in path.parent.glob(f".{path.name}{_TEMPORARY}*"):
        leftover.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; wait for other threads and processes. The kernel frees it when a holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        # flock, not lockf: it belongs to this open file, so two threads of one process exclude each other too.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
