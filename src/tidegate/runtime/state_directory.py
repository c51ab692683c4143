"""The state directory: where everything that must survive a restart lives, and who may use it.

Whoever holds `lock` owns the directory. Unix socket paths are limited to 107 bytes by the kernel (unix(7)), so a long
state path has its sockets in a private temporary directory that the file `run-dir` names.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from tidegate.files import write_private_file

MAX_SOCKET_PATH: Final = 104
"""Linux allows 107 bytes, macOS 103; one number for both keeps the behaviour the same."""

_LONGEST_SOCKET: Final = "envoy-admin.sock"


class StateUnusable(Exception):
    """The directory cannot be used: exit code 3. The message is one line that says what to do."""


class StateInUse(StateUnusable):
    """Another instance holds the lock."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(
            f"{path} is in use by tidegate with pid {holder}; stop it, or give this one another place with --state"
        )
        self.holder = holder


class StateDirectory:
    """Paths below one state directory. Creating, locking and releasing are explicit."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None
        self._sockets: Path | None = None

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def directory_file(self) -> Path:
        return self.path / "directory.json"

    @property
    def ca_file(self) -> Path:
        return self.path / "ca.pem"

    @property
    def shared_memory(self) -> Path:
        return self.path / "shared-memory"

    @property
    def events(self) -> Path:
        """Where policies' events and metrics are written, a file for each logger."""
        return self.path / "events"

    @property
    def traces(self) -> Path:
        return self.path / "traces"

    @property
    def trace_token(self) -> Path:
        return self.path / "trace-token"

    @property
    def bootstrap(self) -> Path:
        return self.path / "envoy-bootstrap.json"

    @property
    def ports(self) -> Path:
        return self.path / "ports.json"

    @property
    def sockets(self) -> Path:
        """The directory of the sockets: this one, or the one that `run-dir` names."""
        if self._sockets is None:
            named = self.path / "run-dir"
            try:
                self._sockets = Path(named.read_text(encoding="utf-8").strip())
            except FileNotFoundError:
                self._sockets = self.path
        return self._sockets

    @property
    def ads_socket(self) -> Path:
        return self.sockets / "ads.sock"

    @property
    def state_socket(self) -> Path:
        return self.sockets / "state.sock"

    @property
    def identity_socket(self) -> Path:
        return self.sockets / "identity.sock"

    @property
    def operator_socket(self) -> Path:
        return self.sockets / "tidegate.sock"

    @property
    def admin_socket(self) -> Path:
        return self.sockets / _LONGEST_SOCKET

    def acquire(self) -> None:
        """Create what is missing and take the lock. Raises StateUnusable; then nothing was changed."""
        try:
            existed = self.path.is_dir()
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_uid != os.geteuid():
                # Its owner could replace every key in it, and be asked for tokens in our place.
                raise PermissionError(errno.EPERM, "it belongs to another user")
            # A link in the lock's place would have us empty whatever it leads to.
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            lock = os.open(self.path / "lock", flags, 0o600)
        except OSError as reason:
            raise StateUnusable(_unusable(self.path, reason)) from reason
        try:
            self._take(lock, existed=existed)
        except BaseException:
            os.close(lock)
            raise
        self._lock = lock

    def _take(self, lock: int, *, existed: bool) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as reason:
            holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise StateInUse(self.path, holder) from reason
        try:
            if existed and stat.S_IMODE(self.path.stat().st_mode) & 0o077:
                self.path.chmod(0o700)
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.events.mkdir(mode=0o700, exist_ok=True)
            self._place_sockets()
        except OSError as reason:
            raise StateUnusable(_unusable(self.path, reason)) from reason

    def _place_sockets(self) -> None:
        named = self.path / "run-dir"
        if len(os.fsencode(self.path / _LONGEST_SOCKET)) <= MAX_SOCKET_PATH:
            named.unlink(missing_ok=True)
            self._sockets = self.path
            return
        with contextlib.suppress(OSError):
            if _is_private_directory(self.sockets) and self.sockets != self.path:
                return
        self._sockets = Path(tempfile.mkdtemp(prefix="tidegate-"))
        write_private_file(named, os.fsencode(self._sockets) + b"\n")

    def release(self) -> None:
        """Remove what only a running instance needs, then let the lock go."""
        if self._lock is None:
            return
        for name in ("ads.sock", "identity.sock", "tidegate.sock", _LONGEST_SOCKET):
            with contextlib.suppress(OSError):
                (self.sockets / name).unlink()
        if self.sockets != self.path:
            shutil.rmtree(self.sockets, ignore_errors=True)
            (self.path / "run-dir").unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def holder(self) -> int | None:
        """The pid of the instance that runs on this directory, or None."""
        try:
            lock = os.open(self.path / "lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(lock, 32, 0).strip()
            return int(text) if text.isdigit() else -1
        else:
            return None
        finally:
            os.close(lock)


def _is_private_directory(path: Path) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700


def _unusable(path: Path, reason: OSError) -> str:
    text = reason.strerror or str(reason)
    return f"the state directory {path} cannot be used: {text}; choose another with --state"
