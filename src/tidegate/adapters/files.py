"""Input files from the disk.

Everything below the given paths that one of the readers may know is read, within limits, in a fixed order. Whether a
file means anything is decided later, by the manifests. The only module that reads inputs.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tidegate.diagnostics import Code, Found, Related, Span
from tidegate.diagnostics.codes import reading
from tidegate.sources import Source, SourceSet, limits

SUFFIXES: Final = frozenset({".yaml", ".yml", ".json", ".xml"})
SKIPPED_DIRECTORIES: Final = frozenset({"node_modules", "__pycache__"})
"""Besides every directory whose name begins with a dot, such as `.git`, `.venv` and the default state directory."""
VALUES_FILE: Final = "values.env"
MAX_FILES: Final = 10_000
MAX_ENTRIES: Final = 200_000
"""Directory entries looked at: `up /` ends soon, with a diagnostic."""
MAX_TOTAL_BYTES: Final = 64 * 1024 * 1024

_YOUNG_NS: Final = 100_000_000
_VALUE_LINE: Final = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)")


def is_input(path: Path, *, below: Path) -> bool:
    """Whether a change of this file can change what is served: an input by its suffix, or values."""
    *folders, name = path.relative_to(below).parts if path.is_relative_to(below) else path.parts
    return not any(map(skips_directory, folders)) and (_has_input_name(name) or name == VALUES_FILE)


def skips_directory(name: str) -> bool:
    """Whether directories of this name are not read."""
    return name in SKIPPED_DIRECTORIES or (name.startswith(".") and name not in (".", ".."))


def _has_input_name(name: str) -> bool:
    # Names with a dot first are editors' locks and swap files, often links to nowhere.
    return Path(name).suffix in SUFFIXES and not name.startswith(".")


def read_sources(
    paths: Iterable[Path | str],
    *,
    sets: Mapping[str, str],
    found: Found,
    skip: Iterable[Path | str] = (),
    working_directory: Path | None = None,
) -> SourceSet:
    """Read every input below `paths`.

    `sets` (from `--set`) win over the values.env beside a path. `skip` names directories to leave out, such as the
    state directory. What cannot be read is a diagnostic; the rest is returned.
    """
    return read_tree(paths, sets=sets, found=found, skip=skip, working_directory=working_directory).sources


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file as it was read."""

    source: Source
    size: int
    """Bytes on the disk."""
    signature: tuple[int, ...] | None
    """Changes whenever the content does; None while it was too young to rely on that."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything below the paths, as it was read."""

    sources: SourceSet
    known: Mapping[Path, KnownFile]
    """By absolute path, as it was reached."""
    directories: frozenset[Path]
    """Every directory that was looked into."""
    sound: bool
    """Nothing was unreadable, and no limit was reached."""


NOTHING_KNOWN: Final[Mapping[Path, KnownFile]] = MappingProxyType({})


def read_tree(
    paths: Iterable[Path | str],
    *,
    sets: Mapping[str, str],
    found: Found,
    skip: Iterable[Path | str] = (),
    working_directory: Path | None = None,
    known: Mapping[Path, KnownFile] = NOTHING_KNOWN,
) -> Tree:
    """`read_sources`, with what reading again needs; files that are still as `known` says are not opened."""
    here = (working_directory or Path.cwd()).absolute()
    skipped = frozenset(_identity(Path(here, path)) for path in skip) - {None}
    reading_ = _Reading(here, found, skipped, known)
    values: dict[str, str] = {}
    roots: list[str] = []
    for given in dict.fromkeys(Path(path) for path in paths):
        root = Path(os.path.normpath(here / given))
        roots.append(reading_.shown(root))
        if not reading_.reachable(root):
            continue
        folder = root if root.is_dir() else root.parent
        values |= reading_.values(folder / VALUES_FILE)
        said = len(found)
        if not reading_.tree(root) and len(found) == said:
            found.add(reading.PATH_WITHOUT_INPUTS, at=None, path=reading_.shown(root))
    sources = SourceSet(
        dict(sorted(reading_.files.items())), tuple(roots), {**values, **sets}, frozenset(reading_.unreadable)
    )
    return Tree(
        sources, reading_.read, frozenset(reading_.directories), sound=not (reading_.unreadable or reading_.full)
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """What a directory is, whatever links lead to it."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


@dataclass(slots=True)
class _Reading:
    here: Path
    found: Found
    skipped: frozenset[tuple[int, int] | None]
    known: Mapping[Path, KnownFile]
    read: dict[Path, KnownFile] = field(default_factory=dict)
    directories: set[Path] = field(default_factory=set)
    files: dict[str, Source] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    total: int = 0
    full: bool = False
    """A limit of all files together is reached; a diagnostic says so."""

    def shown(self, path: Path) -> str:
        """Relative to the working directory where it lies below, with `/`."""
        below = path.relative_to(self.here) if path.is_relative_to(self.here) else path
        return os.fsencode(below.as_posix()).decode("utf-8", "replace")

    def reachable(self, root: Path) -> bool:
        """Whether a given path is there; recorded if not."""
        try:
            root.stat()
        except (FileNotFoundError, NotADirectoryError):
            # A path that was asked for and vanishes is a mistake or a moment of a checkout, no deletion of all it held.
            self.unreadable.add(self.shown(root))
            self.found.add(reading.PATH_MISSING, at=None, path=self.shown(root))
            return False
        except OSError as problem:
            self._unreadable(root, problem)
            return False
        return True

    def tree(self, root: Path) -> bool:
        """Read a file, or every input below a directory; whether there is any."""
        met = False
        for path in self._walk(root):
            met = True
            if self.full:
                break
            name = self.shown(path)
            if name in self.files:
                continue
            if len(self.files) >= MAX_FILES:
                self._stop(reading.TOO_MANY_FILES, path=self.shown(root), limit=MAX_FILES)
                break
            file = self._file(path, name)
            if file is not None:
                self.files[name] = file.source
                self.read[path] = file
        return met

    def _file(self, path: Path, name: str) -> KnownFile | None:
        last = self.known.get(path)
        if last is not None and last.signature is not None and _signature_of(path) == last.signature:
            if not self._fits(last.size):
                return None
            return last
        content = self._text(path)
        if content is None:
            return None
        text, size, stamp = content
        if last is not None and last.source.text == text:
            return KnownFile(last.source, size, stamp)  # saved again as it was: whatever was made of it is good
        return KnownFile(Source(name, text), size, stamp)

    def values(self, path: Path) -> dict[str, str]:
        """The NAME=value lines of a values.env, if there is one."""
        if not path.is_file():
            return {}
        read = self._text(path)
        source = Source(self.shown(path), read[0] if read is not None else "")
        values: dict[str, tuple[str, Span]] = {}
        at = 0
        for number, line in enumerate(source.text.splitlines(keepends=True), 1):
            content = line.strip()
            start = at + len(line) - len(line.lstrip())
            span = source.span(start, start + len(content))
            at += len(line)
            if not content or content.startswith("#"):
                continue
            match = _VALUE_LINE.fullmatch(content)
            if match is None:
                self.found.add(reading.VALUES_LINE, at=span, line=number, path=source.path)
            elif match["name"] in values:
                first = Related(values[match["name"]][1], "the first one")
                self.found.add(reading.DUPLICATE_KEY, at=span, key=match["name"], related=(first,))
            else:
                values[match["name"]] = (_unquoted(match["value"]), span)
        return {name: value for name, (value, _) in values.items()}

    def _walk(self, root: Path) -> Iterator[Path]:
        if not root.is_dir():
            if root.suffix in SUFFIXES:
                yield root
            return
        seen = set(self.skipped)
        directories = [root]
        entries = 0
        while directories:
            directory = directories.pop()
            identity = _identity(directory)
            if identity in seen:
                continue
            seen.add(identity)
            self.directories.add(directory)
            try:
                with os.scandir(directory) as scanned:
                    children = sorted(scanned, key=lambda entry: entry.name)
            except OSError as problem:
                self._unreadable(directory, problem)
                continue
            entries += len(children)
            if entries > MAX_ENTRIES:
                self._stop(reading.TOO_MANY_FILES, path=self.shown(root), limit=MAX_ENTRIES)
                return
            inner = [entry for entry in children if not skips_directory(entry.name) and _is_directory(entry)]
            yield from (
                directory / entry.name for entry in children if _has_input_name(entry.name) and entry not in inner
            )
            directories += (directory / entry.name for entry in reversed(inner))

    def _text(self, path: Path) -> tuple[str, int, tuple[int, ...] | None] | None:
        """A file's text without its byte order mark, its size and its signature; None, with a diagnostic, if it cannot
        be had."""
        read = self._bytes(path)
        if read is None:
            return None
        data, signature = read
        try:
            return data.decode("utf-8-sig"), len(data), signature
        except UnicodeDecodeError as problem:
            is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
            offset = problem.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
            reason = "it is UTF-16" if is_utf16 else f"byte 0x{data[offset]:02X} at offset {offset} begins no character"
            self._refuse(reading.FILE_NOT_TEXT, path, reason=reason, help="save it as UTF-8")
            return None

    def _bytes(self, path: Path) -> tuple[bytes, tuple[int, ...] | None] | None:
        try:
            # Without O_NONBLOCK, opening a named pipe would wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            self._unreadable(path, problem)
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                self._refuse(reading.FILE_UNREADABLE, path, reason="it is no regular file")
                return None
            try:
                data = file.read(limits.FILE_BYTES + 1)
            except OSError as problem:
                self._unreadable(path, problem)
                return None
            if len(data) > limits.FILE_BYTES:
                size = max(os.fstat(descriptor).st_size, len(data))
                self._refuse(reading.FILE_TOO_LARGE, path, size=size, limit=limits.FILE_BYTES)
                return None
        return (data, signature(status)) if self._fits(len(data)) else None

    def _fits(self, size: int) -> bool:
        self.total += size
        if self.total > MAX_TOTAL_BYTES:
            self._stop(reading.INPUTS_TOO_LARGE, limit=MAX_TOTAL_BYTES)
            return False
        return True

    def _unreadable(self, path: Path, problem: OSError) -> None:
        self._refuse(reading.FILE_UNREADABLE, path, reason=(problem.strerror or str(problem)).lower())

    def _refuse(self, code: Code, path: Path, **fields: Any) -> None:
        name = self.shown(path)
        self.unreadable.add(name)
        self.found.add(code, at=Span(name, 1, 1, 1, 1), path=name, **fields)

    def _stop(self, code: Code, **fields: Any) -> None:
        self.full = True
        self.unreadable.add("")
        self.found.add(code, at=None, **fields)


def signature(status: os.stat_result) -> tuple[int, ...] | None:
    """What differs as soon as a file's content does; None where a change might still share the last one's moment.

    The kernel stamps changes with the time of its last tick: a file that is read and written again within one tick
    looks the same. So a file that was changed just before it was read is read again next time.
    """
    if time.time_ns() - status.st_ctime_ns < _YOUNG_NS:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _signature_of(path: Path) -> tuple[int, ...] | None:
    try:
        return signature(path.stat())
    except (OSError, ValueError):
        return None


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value
