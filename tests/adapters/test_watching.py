"""Changes of input files are noticed; other files' are not."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from tidegate.adapters.watching import changes


async def first_change(paths: list[Path], act: Callable[[], None], *, skip: Path) -> frozenset[Path]:
    """What is reported first after `act`; it is repeated until the watch has begun."""

    async def again() -> None:
        while True:
            act()
            await asyncio.sleep(0.05)

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
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


@pytest.mark.parametrize("how", ["removed", "moved", "linked"])
async def test_a_directory_that_is_made_anew_is_watched_anew(tmp_path: Path, how: str) -> None:
    """Removed and restored (`git checkout`), moved away, or a link that points elsewhere."""
    root, later = tmp_path / "manifests", tmp_path / "later"
    before = tmp_path / "before" if how == "linked" else root
    for folder in (before, later):
        folder.mkdir()
        (folder / "a.yaml").write_text("a: 0")
    if how == "linked":
        root.symlink_to(before)
    async with asyncio.timeout(60), aclosing(changes([root], skip=[tmp_path / "state"])) as watch:
        begin = act_on(root / "a.yaml", other=tmp_path / "x.txt")
        asking = asyncio.ensure_future(anext(watch))
        while not asking.done():
            begin()
            await asyncio.wait([asking], timeout=0.05)
        if how == "linked":
            root.unlink()
            root.symlink_to(later)
        else:
            if how == "removed":
                shutil.rmtree(root)
            else:
                root.rename(tmp_path / "away")
            asking = asyncio.ensure_future(anext(watch))
            await asyncio.wait([asking])
            later.rename(root)
        while root not in (await anext(watch)) or not (root / "a.yaml").exists():
            pass
        asking = asyncio.ensure_future(anext(watch))
        while not asking.done() or root / "a.yaml" not in asking.result():
            if asking.done():
                asking = asyncio.ensure_future(anext(watch))
            begin()
            await asyncio.wait([asking], timeout=0.05)
        assert root / "a.yaml" in asking.result()
