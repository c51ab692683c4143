"""Keys in files: modes, damage, versions, two processes, sudden death."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from keys.made_keys import NOW, generator, made
from tidegate.clock import ManualClock, SystemClock
from tidegate.keys import FileKeyStore, KeyRing, KeyState, KeyStoreError, Schedule, first_keys

DRIVER = Path(__file__).parent / "crash_driver.py"


def _filled(directory: Path) -> FileKeyStore:
    store = FileKeyStore(directory)
    store.update("tenants", lambda _: first_keys("tenants", now=NOW, generate=generator()))
    return store


def test_directory_and_files_are_private(tmp_path: Path) -> None:
    """0700 and 0600, whatever the umask is."""
    _filled(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_an_open_directory_is_closed(tmp_path: Path) -> None:
    """A directory that others could read loses their rights with the first write."""
    directory = tmp_path / "keys"
    directory.mkdir(mode=0o755)
    _filled(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_nothing_due_writes_nothing(tmp_path: Path) -> None:
    """A refresh every half minute does not wear the disk."""
    store = _filled(tmp_path)
    before = (tmp_path / "tenants.json").stat()
    store.update("tenants", lambda stored: stored or pytest.fail("it was stored"))
    assert (tmp_path / "tenants.json").stat().st_ino == before.st_ino


def test_a_retired_key_leaves_the_disk(tmp_path: Path) -> None:
    """Its private half is nowhere in the file."""
    store = _filled(tmp_path)
    private_half = json.dumps(made(0).private_pem())[1:-1]
    path = tmp_path / "tenants.json"
    assert private_half in path.read_text()
    make = generator()
    make(NOW), make(NOW)
    clock = ManualClock(NOW)
    ring = KeyRing("tenants", store=store, clock=clock, generate=make)
    ring.rotate()
    assert private_half in path.read_text()
    clock.advance(Schedule().overlap_s)
    ring.refresh()
    assert private_half not in path.read_text()
    assert made(0).kid in path.read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "damaged (JSONDecodeError)"),
        (b"\xff\xff", "damaged (UnicodeDecodeError)"),
        (b"[]", "does not hold signing keys"),
        (b'{"format": "tidegate.keys", "version": 2}', "has format version 2, this Tidegate reads 1"),
        (b'{"format": "tidegate.keys", "version": 1}', "damaged (KeyError)"),
        (
            b'{"format": "tidegate.keys", "version": 1, "purpose": "gateway", "keys": []}',
            "holds the keys for 'gateway'",
        ),
        (b'{"format": "tidegate.keys", "version": 1, "purpose": "tenants", "keys": []}', "damaged (ValueError)"),
        (b'{"format": "tidegate.keys", "version": 1, "purpose": "tenants", "keys": [3]}', "damaged (TypeError)"),
        (b" " * ((1 << 20) + 1), "larger than 1048576 bytes"),
    ],
)
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes, message: str) -> None:
    """New keys would silently invalidate every token: the operator decides."""
    path = tmp_path / "tenants.json"
    path.write_bytes(content)
    store = FileKeyStore(tmp_path)
    for attempt in (lambda: store.read("tenants"), lambda: store.update("tenants", lambda _: pytest.fail("called"))):
        with pytest.raises(KeyStoreError) as raised:
            attempt()
        assert message in str(raised.value)
        assert str(path) in str(raised.value)
    assert path.read_bytes() == content


def test_no_message_quotes_the_file(tmp_path: Path) -> None:
    """It holds private keys."""
    _filled(tmp_path)
    path = tmp_path / "tenants.json"
    document = json.loads(path.read_text())
    document["keys"][0]["privateKey"] = document["keys"][0]["privateKey"].replace("A", "B")
    path.write_text(json.dumps(document))
    with pytest.raises(KeyStoreError) as raised:
        FileKeyStore(tmp_path).read("tenants")
    assert raised.value.__cause__ is None
    assert "PRIVATE" not in str(raised.value)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One line, with the path."""
    (tmp_path / "keys").write_text("a file where the directory should be")
    store = FileKeyStore(tmp_path / "keys")
    with pytest.raises(KeyStoreError, match=r"tenants\.json: the signing keys cannot be"):
        store.update("tenants", lambda _: first_keys("tenants", now=NOW, generate=generator()))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """With the operating system's reason."""
    (tmp_path / "tenants.json").mkdir()
    with pytest.raises(KeyStoreError, match=r"tenants\.json: the signing keys cannot be read: Is a directory"):
        FileKeyStore(tmp_path).read("tenants")
    assert repr(FileKeyStore(tmp_path)) == f"FileKeyStore({str(tmp_path)!r})"


def test_retired_keys_are_remembered_across_restarts(tmp_path: Path) -> None:
    """By name and dates, without a key."""
    clock = ManualClock(NOW)
    ring = KeyRing("tenants", store=FileKeyStore(tmp_path), clock=clock, generate=generator())
    ring.rotate()
    clock.advance(Schedule().overlap_s)
    ring.refresh()
    read = FileKeyStore(tmp_path).read("tenants")
    assert read is not None
    assert [record.key for record in read.in_state(KeyState.RETIRED)] == [None]


def test_two_processes_cannot_rotate_at_once(tmp_path: Path) -> None:
    """Both rotations happen, one after the other: no key is lost, each step is whole."""
    before = KeyRing("tenants", store=FileKeyStore(tmp_path), clock=SystemClock()).key_set
    command = [sys.executable, str(DRIVER), str(tmp_path), "0"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    after = FileKeyStore(tmp_path).read("tenants")
    assert after is not None
    assert {record.kid for record in after.in_state(KeyState.PREVIOUS)} == {key.kid for key in before.published}


def test_kill_9_at_any_point_leaves_the_old_keys_or_the_new_ones(tmp_path: Path) -> None:
    """The process dies before each call that changes a file, one after the other; a store always remains."""
    calls = 1
    deaths = 0
    while True:
        before = KeyRing("tenants", store=FileKeyStore(tmp_path), clock=SystemClock()).key_set
        done = subprocess.run(
            [sys.executable, str(DRIVER), str(tmp_path), str(calls)], capture_output=True, timeout=60, check=False
        )
        after = FileKeyStore(tmp_path).read("tenants")
        assert after is not None
        rotated = after.current == before.published[1]
        assert rotated or after == before
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        deaths += 1
        calls += 1
    assert deaths >= 5
    assert [path.name for path in tmp_path.glob(".*")] == [], "leftovers of the dead were not removed"
