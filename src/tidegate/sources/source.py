"""The text of input files, as it was read; nothing here touches the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """One file's text."""

    path: str
    """As in spans: relative to the working directory where the file lies below it, with `/`."""
    text: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class SourceSet:
    """Every file of one reading, by path, in path order."""

    files: AbstractMapping[str, Source] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    """The paths that were asked for (files or directories), in the same spelling as `Source.path`."""
    values: AbstractMapping[str, str] = field(default_factory=dict)
    """`${NAME}` replacements given by `--set` or values.env; names not listed here stay as they are."""

    def __iter__(self) -> Iterator[Source]:
        for path in sorted(self.files):
            yield self.files[path]
