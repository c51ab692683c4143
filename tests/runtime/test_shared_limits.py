"""Rate limits of several machines, by way of a real Valkey: never more pass than may, and all that may do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from shared_machines import Machine, machines
from valkey_server import running_valkey


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Machines that all know each other."""
    folder = tmp_path_factory.mktemp("shared")
    with running_valkey(folder) as address, machines(folder, address, 3) as made:
        _until_acquainted(made)
        yield made


def _until_acquainted(made: list[Machine]) -> None:
    deadline = time.monotonic() + 60
    while not all(each.memory.machines == len(made) for each in made):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def passed(machine: Machine, key: str, calls: int, attempts: int, period: float = 600) -> int:
    """Of so many attempts."""
    return sum(machine.count(key, calls=calls, period=period)[0] is True for _ in range(attempts))


@pytest.mark.parametrize("calls", [1, 3, 7, 24, 100, 1000])
def test_exactly_as_many_pass_as_may(three: list[Machine], calls: int) -> None:
    """All machines at once, as fast as they can: this is the burst that a looser scheme would let through."""
    for _ in range(3):
        key = str(uuid4())
        with ThreadPoolExecutor(3) as pool:
            counts = [pool.submit(passed, machine, key, calls, calls) for machine in three]
        assert sum(count.result() for count in counts) == calls


def test_one_machine_may_use_all_of_it(three: list[Machine]) -> None:
    """No machine has a share that others cannot use."""
    key = str(uuid4())
    assert passed(three[0], key, 50, 60) == 50
    assert passed(three[1], key, 50, 10) == 0


def test_far_from_the_limit_nobody_is_asked(three: list[Machine]) -> None:
    """The hot path counts in memory."""
    key = str(uuid4())
    before = [machine.asked for machine in three]
    for machine in three:
        assert passed(machine, key, 10_000, 300) == 300
    assert [machine.asked for machine in three] == before


def test_waiting_is_told(three: list[Machine]) -> None:
    """A refused call learns when there will be room, as on one machine."""
    key = str(uuid4())
    assert passed(three[0], key, 5, 5) == 5
    allowed, remaining, wait = three[1].count(key, calls=5, period=600)
    assert (allowed, remaining) == (False, 0)
    assert 590 < wait <= 600


def test_windows_slide(three: list[Machine]) -> None:
    """What was counted leaves all machines' windows."""
    key = str(uuid4())
    assert passed(three[0], key, 4, 6, period=1) == 4
    deadline = time.monotonic() + 60
    while three[1].count(key, calls=4, period=1)[0] is not True:
        assert time.monotonic() < deadline


def test_asking_and_forcing(three: list[Machine]) -> None:
    """Calls that have happened count whether they fit or not; asking counts nothing."""
    key = str(uuid4())
    for machine in three:
        machine.count(key, calls=2, mode=1)
    deadline = time.monotonic() + 60
    while three[0].count(key, calls=2, mode=2)[0] is not False:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("refuses", [False, True])
def test_without_valkey(tmp_path: Path, refuses: bool) -> None:
    """Each machine for itself, or nobody passes; and together again when it is back."""
    with running_valkey(tmp_path) as address, machines(tmp_path, address, 2, refuses=refuses) as made:
        _until_acquainted(made)
    gone = tmp_path / "gone"
    gone.mkdir()
    with machines(gone, address, 2, refuses=refuses) as made:
        key = str(uuid4())
        if refuses:
            assert made[0].count(key, calls=5)[0] == b"RateLimitUnavailable"
        else:
            assert [passed(each, key, 5, 8) for each in made] == [5, 5]
        with running_valkey(tmp_path):
            _until_acquainted(made)
            key = str(uuid4())
            with ThreadPoolExecutor(2) as pool:
                assert sum(pool.map(lambda machine: passed(machine, key, 5, 8), made)) == 5
