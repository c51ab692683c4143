"""Changes of input files, as the kernel reports them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from tidegate.adapters.files import SUFFIXES, is_input, skips_directory

QUIET_MS: Final = 3
"""A save is several events (truncate, write, rename): what comes within this time is one change. A change is told
after one to two of these; how often it is looked costs nothing measurable (3 ms against 10: 8 ms instead of 22)."""
DEBOUNCE_MS: Final = 50
"""However many events come, one is delivered after this time."""
LOOK_AGAIN_S: Final = 0.2
"""How often it is asked whether a watched directory is still the same one."""

_Places = Mapping[Path, tuple[int, int] | None]
"""Directory -> what it is now, None when it is not there."""


async def changes(paths: Iterable[Path], *, skip: Iterable[Path]) -> AsyncIterator[frozenset[Path]]:
    """Sets of input files that changed below `paths`, until cancelled.

    A file is watched by its directory: editors replace files instead of writing to them. A path that is not there is
    looked for again and again. One that was removed and made anew (`git checkout`, a link that points elsewhere) is
    another directory to the kernel, so it is watched anew and reported as changed.
    """
    asked = tuple(path.absolute() for path in paths)
    skipped = tuple(path.absolute() for path in skip)

    def concerns_us(_change: Change, name: str) -> bool:
        path = Path(name)
        if any(path.is_relative_to(one) for one in skipped):
            return False
        return any(_is_below(path, root) for root in asked)

    places = _places(asked)
    while True:
        moved = asyncio.Event()
        timer = _Timer(asked, places, moved)
        watched = {path for path, identity in places.items() if identity is not None}
        try:
            async for batch in _batches(watched, concerns_us, moved):
                yield frozenset(Path(name) for _change, name in batch)
                if any(change is Change.deleted and Path(name) in watched for change, name in batch):
                    break
        finally:
            timer.cancel()
        # What happened between the two watches is not known, so all of it may have changed.
        places = _places(asked)
        yield frozenset(asked)


class _Timer:
    """Looks now and then whether the places are still what they were, and sets the event when they are not."""

    def __init__(self, asked: tuple[Path, ...], places: _Places, moved: asyncio.Event) -> None:
        self._asked = asked
        self._places = places
        self._moved = moved
        self._arm()

    def _arm(self) -> None:
        self._handle = asyncio.get_running_loop().call_later(LOOK_AGAIN_S, self._look)

    def _look(self) -> None:
        if _places(self._asked) == self._places:
            self._arm()
        else:
            self._moved.set()

    def cancel(self) -> None:
        self._handle.cancel()


async def _batches(
    watched: Iterable[Path], concerns_us: Callable[[Change, str], bool], ended: asyncio.Event
) -> AsyncIterator[set[tuple[Change, str]]]:
    """What the kernel reports, until the event is set."""
    directories = sorted(watched)
    if not directories:
        await ended.wait()
        return
    try:
        async for batch in awatch(
            *directories,
            watch_filter=concerns_us,
            debounce=DEBOUNCE_MS,
            step=QUIET_MS,
            stop_event=ended,
            ignore_permission_denied=True,
        ):
            yield batch
    except FileNotFoundError:
        # Gone since it was looked at.
        return


def _places(asked: Iterable[Path]) -> _Places:
    """The directories to watch, and what each of them is now."""
    return {directory: _identity(directory) for directory in map(_directory, asked)}


def _directory(path: Path) -> Path:
    is_file = path.is_file() or (path.suffix in SUFFIXES and not path.is_dir())
    return path.parent if is_file else path


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_below(path: Path, root: Path) -> bool:
    """Whether a change of `path` may change what is read from `root`."""
    if path == root or root.is_relative_to(path):
        return True
    if path.is_relative_to(root):
        # A directory that came or went has no suffix to judge by.
        is_folder = path.suffix == "" and not skips_directory(path.name)
        return is_folder or is_input(path, below=root)
    return path.parent == root.parent and path.name == "values.env"
