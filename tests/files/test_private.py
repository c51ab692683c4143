"""Private files: whole or not at all, and for their owner only."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from tidegate.files.private import (
    ensure_private_directory,
    exclusive_lock,
    remove_leftovers,
    write_private_file,
)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """The name holds the new bytes, mode 0600, and nothing else is left."""
    path = tmp_path / "secret"
    write_private_file(path, b"old")
    write_private_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failing_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs nothing that was there."""
    path = tmp_path / "secret"
    write_private_file(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_in_place_of_the_file_is_replaced_not_followed(tmp_path: Path) -> None:
    """Whoever planted it does not get the secret."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"untouched")
    path = tmp_path / "secret"
    path.symlink_to(elsewhere)
    write_private_file(path, b"new")
    assert elsewhere.read_bytes() == b"untouched"
    assert not path.is_symlink()


def test_leftovers_of_one_file_are_removed(tmp_path: Path) -> None:
    """Only temporary files of that name."""
    (tmp_path / ".secret.tmp-0011").write_bytes(b"half")
    (tmp_path / ".other.tmp-0011").write_bytes(b"half")
    remove_leftovers(tmp_path / "secret")
    assert [path.name for path in tmp_path.iterdir()] == [".other.tmp-0011"]


def test_a_directory_is_private(tmp_path: Path) -> None:
    """Made so, and made so again."""
    directory = tmp_path / "a" / "b"
    ensure_private_directory(directory)
    directory.chmod(0o777)
    ensure_private_directory(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_threads_exclude_each_other(tmp_path: Path) -> None:
    """The second holder waits until the first has left."""
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with exclusive_lock(tmp_path / "lock"):
            order.append("second")

    with exclusive_lock(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        entered.wait()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_lock_is_freed_by_an_exception(tmp_path: Path) -> None:
    """Nobody waits for ever."""
    with pytest.raises(ArithmeticError), exclusive_lock(tmp_path / "lock"):
        raise ArithmeticError
    with exclusive_lock(tmp_path / "lock"):
        pass


def test_the_mode_is_exact_whatever_the_umask(tmp_path: Path) -> None:
    """Others read the ready file, also where the user's umask would forbid it."""
    path = tmp_path / "ready.json"
    before = os.umask(0o077)
    try:
        write_private_file(path, b"{}", mode=0o644)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
