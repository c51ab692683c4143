"""Changes of input files are noticed; other files' are not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tidegate.adapters.watching import changes


async def first_change(paths: list[Path], act: Callable[[], None], *, skip: Path) -> frozenset[Path]:
    """What is reported first after `act`; it is repeated until the watch has begun."""

    async def again() -> None:
        while True:
            act()
            await asyncio.sleep(0.05)

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        acting = tasks.create_task(again())
        async for changed in changes(paths, skip=[skip]):
            acting.cancel()
            return changed
    raise AssertionError("the watch ended")


def act_on(path: Path, *, other: Path) -> Callable[[], None]:
    def act() -> None:
        other.write_text("x")
        draft = path.with_suffix(".draft")
        draft.write_text("a: 1")
        draft.replace(path)

    return act


async def test_a_file_that_is_replaced_in_a_directory(tmp_path: Path) -> None:
    changed = await first_change(
        [tmp_path], act_on(tmp_path / "a.yaml", other=tmp_path / "a.py"), skip=tmp_path / "state"
    )
    assert changed == {tmp_path / "a.yaml"}


async def test_a_single_file_survives_being_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 0")
    changed = await first_change([file], act_on(file, other=tmp_path / "b.yaml"), skip=tmp_path / "state")
    assert changed == {file}


async def test_the_state_directory_is_not_watched(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    other = tmp_path / "state" / "directory.json"
    changed = await first_change([tmp_path], act_on(tmp_path / "a.yaml", other=other), skip=tmp_path / "state")
    assert changed == {tmp_path / "a.yaml"}


async def test_values_beside_a_file_count(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 0")
    changed = await first_change(
        [file], act_on(tmp_path / "values.env", other=tmp_path / "x.txt"), skip=tmp_path / "state"
    )
    assert changed == {tmp_path / "values.env"}
