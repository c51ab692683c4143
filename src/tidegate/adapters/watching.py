"""Changes of input files, as the kernel reports them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from watchfiles import Change, awatch

from tidegate.adapters.files import is_input, skips_directory

QUIET_MS: Final = 15
"""A save is several events (truncate, write, rename): what comes within this time is one change."""
DEBOUNCE_MS: Final = 50
"""However many events come, one is delivered after this time."""


async def changes(paths: Iterable[Path], *, skip: Iterable[Path]) -> AsyncIterator[frozenset[Path]]:
    """Sets of input files that changed below `paths`, until cancelled. A path that does not exist yet is watched by its
    nearest existing parent, a file by its directory: editors replace files instead of writing to them."""
    asked = tuple(path.absolute() for path in paths)
    skipped = tuple(path.absolute() for path in skip)

    def concerns_us(_change: Change, name: str) -> bool:
        path = Path(name)
        if any(path.is_relative_to(one) for one in skipped):
            return False
        return any(_is_below(path, root) for root in asked)

    watched = sorted({_watchable(path) for path in asked})
    async for batch in awatch(
        *watched,
        watch_filter=concerns_us,
        debounce=DEBOUNCE_MS,
        step=QUIET_MS,
        ignore_permission_denied=True,
    ):
        yield frozenset(Path(name) for _change, name in batch)


def _is_below(path: Path, root: Path) -> bool:
    """Whether a change of `path` may change what is read from `root`."""
    if path == root or root.is_relative_to(path):
        return True
    if path.is_relative_to(root):
        # A directory that came or went has no suffix to judge by.
        is_folder = path.suffix == "" and not skips_directory(path.name)
        return is_folder or is_input(path, below=root)
    return path.parent == root.parent and path.name == "values.env"


def _watchable(path: Path) -> Path:
    """The directory to watch for `path`."""
    if path.is_dir():
        return path
    for parent in path.parents:
        if parent.is_dir():
            return parent
    return Path("/")
