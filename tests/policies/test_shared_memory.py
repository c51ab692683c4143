"""The file of counters: made once, kept, its locks freed."""

from __future__ import annotations

from pathlib import Path

from tidegate.policies.shared_memory import FIRST_SLOT, LOCKS, SIZE, create, reset_locks


def test_created_private_and_sparse(tmp_path: Path) -> None:
    """Only its owner reads it, and it takes hardly any space."""
    path = tmp_path / "memory"
    create(path)
    status = path.stat()
    assert (status.st_mode & 0o777, status.st_size) == (0o600, SIZE)
    assert status.st_blocks * 512 < 64 * 1024


def test_counts_are_kept(tmp_path: Path) -> None:
    """A second start changes nothing but the locks."""
    path = tmp_path / "memory"
    create(path)
    fresh = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(LOCKS)
        file.write(b"\xff" * (FIRST_SLOT - LOCKS))
        file.seek(FIRST_SLOT)
        file.write(b"counts")
    create(path)
    now = path.read_bytes()
    assert now[FIRST_SLOT:][:6] == b"counts"
    assert [now[LOCKS + 64 * i :][:4] for i in range(64)] == [fresh[LOCKS:][:4]] * 64


def test_anything_else_is_made_anew(tmp_path: Path) -> None:
    """A file of another version means nothing any more."""
    path = tmp_path / "memory"
    path.write_bytes(b"something")
    create(path)
    assert path.stat().st_size == SIZE
    reset_locks(path)
