"""Reading the inputs again and again: only what changed, as long as it can be told what that is.

The kernel's word about a change is taken at once, and checked against the disk later (`read_all`): it may lose events
when very many come at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tidegate.adapters.files import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    NOTHING_KNOWN,
    VALUES_FILE,
    KnownFile,
    Tree,
    is_input,
    read_tree,
)
from tidegate.diagnostics import Diagnostic, Found
from tidegate.sources import Source, SourceSet


@dataclass(frozen=True)
class Inputs:
    """The paths of one command line."""

    paths: tuple[Path | str, ...]
    sets: Mapping[str, str]
    skip: tuple[Path | str, ...]
    working_directory: Path


class Rereader:
    """Keeps what it read. Used from one thread at a time."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._tree: Tree | None = None
        self._found: tuple[Diagnostic, ...] = ()

    def read_all(self) -> tuple[SourceSet, tuple[Diagnostic, ...]]:
        """Everything below the paths. Files that did not change keep their `Source`."""
        found = Found()
        self._tree = read_tree(
            self._inputs.paths,
            sets=self._inputs.sets,
            found=found,
            skip=self._inputs.skip,
            working_directory=self._inputs.working_directory,
            known=self._tree.known if self._tree is not None else NOTHING_KNOWN,
        )
        self._found = found.sorted()
        return self._tree.sources, self._found

    def read_changed(self, paths: Iterable[Path]) -> tuple[SourceSet, tuple[Diagnostic, ...]]:
        """The same, looking at these paths only; at everything where they are not plain files below known folders."""
        tree = self._tree
        if tree is None or not tree.sound or self._found:
            return self.read_all()
        files: dict[Path, KnownFile | None] = {}
        for path in paths:
            if _is_nothing(path, tree):
                continue
            if not _is_plain(path, tree):
                return self.read_all()
            try:
                files[path] = self._file(path, tree)
            except _NeedsAllError:
                return self.read_all()
        updated = _updated(tree, files)
        if updated is None:
            return self.read_all()
        self._tree = updated
        return updated.sources, ()

    def _file(self, path: Path, tree: Tree) -> KnownFile | None:
        if not os.path.lexists(path):
            return None
        found = Found()
        alone = read_tree([path], sets={}, found=found, working_directory=self._inputs.working_directory)
        if len(found) or path not in alone.known:
            raise _NeedsAllError  # whatever is wrong with it is told with the others
        read, last = alone.known[path], tree.known.get(path)
        same = last is not None and last.source.text == read.source.text
        return replace(read, source=last.source) if same and last is not None else read


class _NeedsAllError(Exception):
    """One file alone does not tell."""


def _is_nothing(path: Path, tree: Tree) -> bool:
    """Whether a path cannot matter: no input by its name, and no folder."""
    return (
        path not in tree.directories
        and path not in tree.known
        and path.name != VALUES_FILE
        and not is_input(path, below=path.parent)
        and not path.is_dir()
    )


def _is_plain(path: Path, tree: Tree) -> bool:
    if path.name == VALUES_FILE or path in tree.directories:
        return False
    below_known = path.parent in tree.directories and is_input(path, below=path.parent)
    return (path in tree.known or below_known) and not path.is_dir()


def _updated(tree: Tree, files: Mapping[Path, KnownFile | None]) -> Tree | None:
    """The tree with some files read again or gone; None where that reaches a limit or leaves nothing."""
    known = dict(tree.known)
    sources: dict[str, Source] = dict(tree.sources.files)
    added = False
    for path, file in files.items():
        if file is None:
            gone = known.pop(path, None)
            if gone is not None:
                sources.pop(gone.source.path, None)
            continue
        added |= path not in known
        known[path] = file
        sources[file.source.path] = file.source
    if not known or len(known) > MAX_FILES or sum(file.size for file in known.values()) > MAX_TOTAL_BYTES:
        return None
    if added:
        sources = dict(sorted(sources.items()))
    return replace(tree, sources=replace(tree.sources, files=sources), known=known)
