"""Who may use a state directory, and where its sockets are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tidegate.runtime.state_directory import MAX_SOCKET_PATH, StateDirectory, StateInUse, StateUnusable


def test_it_is_private_and_keeps_the_holders_pid(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path / "deep" / "state")
    state.acquire()
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700
    assert state.holder() == os.getpid()
    state.release()
    assert state.holder() is None


def test_an_open_directory_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.mkdir(mode=0o755)
    state = StateDirectory(path)
    state.acquire()
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    state.release()


def test_a_second_holder_is_told_who_holds_it_and_changes_nothing(tmp_path: Path) -> None:
    first = StateDirectory(tmp_path)
    first.acquire()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StateInUse, match=str(os.getpid())):
        StateDirectory(tmp_path).acquire()
    assert sorted(tmp_path.rglob("*")) == before
    assert first.holder() == os.getpid()
    first.release()


def test_a_lock_that_was_released_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        state = StateDirectory(tmp_path)
        state.acquire()
        state.release()


def test_a_file_in_its_place_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("not a directory")
    with pytest.raises(StateUnusable, match="--state") as caught:
        StateDirectory(path).acquire()
    assert "\n" not in str(caught.value)


def test_a_long_path_has_its_sockets_elsewhere(tmp_path: Path) -> None:
    """Private, named in run-dir, found by others, removed at the end."""
    path = tmp_path / ("long" * 25)
    state = StateDirectory(path)
    state.acquire()
    sockets = state.sockets
    assert len(os.fsencode(state.operator_socket)) <= MAX_SOCKET_PATH
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert StateDirectory(path).operator_socket == state.operator_socket
    state.release()
    assert not sockets.exists()


def test_a_run_dir_that_others_could_write_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / ("long" * 25)
    path.mkdir()
    foreign = tmp_path / "open"
    foreign.mkdir()
    foreign.chmod(0o777)
    (path / "run-dir").write_text(f"{foreign}\n")
    state = StateDirectory(path)
    state.acquire()
    assert state.sockets != foreign
    state.release()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    """Who owns it could put other keys into it."""
    path = tmp_path / "state"
    path.mkdir()
    os.chown(path, 65534, 65534)
    with pytest.raises(StateUnusable, match="belongs to another user"):
        StateDirectory(path).acquire()
    assert list(path.iterdir()) == []


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    path, precious = tmp_path / "state", tmp_path / "precious"
    path.mkdir()
    precious.write_text("kept")
    (path / "lock").symlink_to(precious)
    with pytest.raises(StateUnusable, match="--state"):
        StateDirectory(path).acquire()
    assert precious.read_text() == "kept"
