"""HTTP/1.1 messages as the runner sends, answers and compares them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

HeaderLines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that reached a stand-in."""

    method: str
    path: str
    """With the query."""
    headers: HeaderLines = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)

    @property
    def host(self) -> str:
        """What was called, as its Host says."""
        return next((value for name, value in self.headers if name == "host"), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client got."""

    status: int
    headers: HeaderLines
    body: bytes = field(repr=False)


def values(headers: HeaderLines, name: str) -> tuple[str, ...]:
    """The lines of one header."""
    return tuple(value for each, value in headers if each == name.lower())


def body_of(text: str | None, content: object, headers: Mapping[str, object]) -> tuple[bytes, HeaderLines]:
    """A body and the header lines of a message: JSON names its type unless the author does."""
    lines = [(name.lower(), str(value)) for name, listed in headers.items() for value in _each(listed)]
    if text is not None:
        return text.encode(), tuple(lines)
    if content is None:
        return b"", tuple(lines)
    if all(name != "content-type" for name, _ in lines):
        lines.append(("content-type", "application/json"))
    return json.dumps(content, ensure_ascii=False).encode(), tuple(lines)


def _each(listed: object) -> tuple[object, ...]:
    return tuple(listed) if isinstance(listed, list | tuple) else (listed,)
