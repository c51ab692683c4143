"""The directory as a file: versioned JSON, private (0600), written whole or not at all.

Control writes it, the token service reads it. It holds digests of client secrets, never the secrets.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from tidegate.files import write_private_file
from tidegate.identity.ports import DirectoryRejected, LoadedDirectory
from tidegate.model import Directory

_FORMAT: Final = "tidegate.directory"
_VERSION: Final = 1
_MAX_BYTES: Final = 512 << 20

_Decode: TypeAlias = Callable[[Any], Any]
"""From JSON's value to ours. _Misshapen: it is another."""


def write(path: Path, directory: Directory) -> None:
    """Replace the file. OSError: it cannot be written; the old one stays. One writer at a time."""
    write_private_file(path, encode(directory))


def read(path: Path) -> Directory:
    """Read the file. DirectoryRejected: it is malformed. OSError: it cannot be read."""
    return _decode(_bytes(path))


def encode(directory: Directory) -> bytes:
    """Equal directories give equal bytes."""
    document = {"format": _FORMAT, "version": _VERSION, "directory": directory}
    return json.dumps(document, default=_fields, separators=(",", ":")).encode("ascii")


class FileDirectorySource:
    """A directory file, read again only when it was replaced. No file: an empty directory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: LoadedDirectory | None = None
        self._seen: tuple[int, int, int] | None = None

    def load(self) -> LoadedDirectory:
        try:
            status = self._path.stat()
            # Writers rename, so a new content is a new file: its number tells even within one tick of the clock.
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if self._last is not None and seen == self._seen:
                return self._last
            data = _bytes(self._path)
        except FileNotFoundError:
            return LoadedDirectory(Directory(), "none")
        except OSError as error:
            raise DirectoryRejected(f"{self._path}: cannot be read: {error.strerror}") from error
        except DirectoryRejected as error:
            raise DirectoryRejected(f"{self._path}: {error}") from None
        digest = hashlib.sha256(data).hexdigest()
        if self._last is None or self._last.digest != digest:
            try:
                self._last = LoadedDirectory(_decode(data), digest)
            except DirectoryRejected as error:
                raise DirectoryRejected(f"{self._path}: {error}") from None
        self._seen = seen
        return self._last


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise DirectoryRejected(f"larger than {_MAX_BYTES} bytes")
    return data


def _fields(value: object) -> dict[str, Any]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"a directory holds no {type(value).__name__}")


def _decode(data: bytes) -> Directory:
    try:
        document = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise DirectoryRejected(f"is not JSON ({type(error).__name__})") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise DirectoryRejected("is not a directory of identities")
    if document.get("version") != _VERSION:
        raise DirectoryRejected(f"has format version {document.get('version')!r}, this Tidegate reads {_VERSION}")
    try:
        directory: Directory = _DIRECTORY(document.get("directory"))
    except _Misshapen as error:
        raise DirectoryRejected(f"{error.path()} {error.expectation}") from None
    return directory


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


class _Misshapen(Exception):
    """A value of another shape. Each level on the way out adds its part of the path: good values cost no path."""

    def __init__(self, expectation: str) -> None:
        super().__init__(expectation)
        self.expectation = expectation
        self.parts: list[str] = []

    def path(self) -> str:
        return "directory" + "".join(reversed(self.parts))


def _decoder(hint: Any) -> _Decode:
    """A decoder for one type of the model: str, int, float, bool, an optional one, tuples and dataclasses of them."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return _sequence(_decoder(arguments[0]))
    if origin in (types.UnionType, typing.Union):
        (some,) = (argument for argument in arguments if argument is not types.NoneType)
        inner = _decoder(some)
        return lambda value: None if value is None else inner(value)
    accepted: tuple[type, ...] = (float, int) if hint is float else (hint,)
    return _scalar(accepted)


def _scalar(accepted: tuple[type, ...]) -> _Decode:
    def decode(value: Any) -> Any:
        if type(value) not in accepted:  # not isinstance: true is no number
            raise _Misshapen(f"must be {accepted[0].__name__}, is {type(value).__name__}")
        return value

    return decode


def _sequence(item: _Decode) -> _Decode:
    def decode(value: Any) -> Any:
        if not isinstance(value, list):
            raise _Misshapen(f"must be a list, is {type(value).__name__}")
        members: list[Any] = []
        try:
            for member in value:
                members.append(item(member))  # noqa: PERF401 - the length says which one was misshapen
        except _Misshapen as error:
            error.parts.append(f"[{len(members)}]")
            raise
        return tuple(members)

    return decode


def _dataclass(kind: type[Any]) -> _Decode:
    hints = typing.get_type_hints(kind)
    decoders: Mapping[str, _Decode] = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}

    def decode(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Misshapen(f"must be an object, is {type(value).__name__}")
        unknown = value.keys() - decoders.keys()
        if unknown:
            raise _Misshapen(f"has an unknown member {min(unknown)!r}")
        fields: dict[str, Any] = {}
        name = ""
        try:
            for name, member in value.items():
                fields[name] = decoders[name](member)
        except _Misshapen as error:
            error.parts.append(f".{name}")
            raise
        try:
            return kind(**fields)
        except TypeError:
            missing = decoders.keys() - value.keys()
            raise _Misshapen(f"lacks a member, one of {', '.join(sorted(missing))}") from None

    return decode


_DIRECTORY: Final = _decoder(Directory)
