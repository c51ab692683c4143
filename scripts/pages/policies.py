"""The part of docs/supported.md on policies: what each reader of the catalogue asks its element for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found
from tidegate.policies.catalogue import CATALOGUE, NOT_YET, Kind
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.sources import Source, read_xml
from tidegate.sources.xml import Attribute, Element

NOTES: Final = {
    "base": "In every section. At the global scope it stands for nothing.",
    "cors": "Preflight requests are answered by it and never reach a backend.",
    "forward-request": "Only the bare form: timeouts and buffering are the route's.",
    "rate-limit-by-key": "A sliding window, exact up to 128 calls and never exceeded above; "
    "counts for one machine ([decision 0003](decisions/0003-exact-rate-limits-in-shared-memory.md)).",
    "set-header": "What the client sent under another spelling of the name is removed too.",
    "validate-jwt": "RS256, RS384 and RS512, with the algorithm bound to the key. "
    "Keys come from `openid-config` only, and unsigned tokens are always refused. "
    "A verdict is remembered until the token expires.",
}
"""What a reader of the page must know beside the names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a policy's reader takes, as paths such as `required-claims/claim@name`."""

    honoured: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(slots=True)
class Recorder(ElementReader):
    """An element of which every child that is asked for exists, and that remembers what it was asked."""

    path: str = ""
    honoured: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def attribute(self, name: str, *, required: bool = False) -> Attribute | None:  # noqa: ARG002 - the signature is the reader's
        """Remember the name; there is no attribute."""
        asked = f"{self.path}@{name}" if self.path else name
        if asked not in self.honoured:
            self.honoured.append(asked)
        return None

    def unsupported(self, *names: str, help: str = "") -> None:  # noqa: ARG002 - the signature is the reader's
        """Remember the names as refused."""
        self.refused.extend(f"{self.path}@{name}" if self.path else name for name in names)

    def unsupported_child(self, *names: str, help: str = "") -> None:  # noqa: ARG002 - the signature is the reader's
        """Remember the names as refused."""
        self.refused.extend(f"<{name}>" for name in names)

    def children(self, name: str) -> Iterator[ElementReader]:
        """One child of the name, which remembers into the same lists."""
        path = f"{self.path}/{name}".lstrip("/")
        if f"<{path}>" not in self.honoured:
            self.honoured.append(f"<{path}>")
        yield Recorder(_element(name), self.section, {}, Found(), path=path, honoured=self.honoured, refused=self.refused)


def _element(name: str) -> Element:
    """An element with nothing in it."""
    element = read_xml(Source("catalogue", f"<{name} />"), Found())
    if element is None:
        raise ValueError(name)
    return element


def asked(name: str, kind: Kind) -> Asked:
    """What the policy's reader takes from its element."""
    recorder = Recorder(_element(name), kind.sections[0], {}, Found())
    kind.read(recorder)
    return Asked(tuple(recorder.honoured), tuple(recorder.refused))


def render() -> str:
    """One section for each policy that is translated, then the names of the rest."""
    parts = [f"### base\n\n{NOTES['base']}\n"]
    parts += [section(name, kind) for name, kind in CATALOGUE.items()]
    listed = ", ".join(f"`{name}`" for name in sorted(NOT_YET))
    parts.append(f"### Refused by name\n\nAn error each, with its place; none is dropped.\n\n{listed}\n")
    return "\n".join(parts)


def section(name: str, kind: Kind) -> str:
    """Where it may stand, and what it may hold."""
    found = asked(name, kind)
    once = ", once in a section" if kind.once else ""
    lines = [f"### {name}", "", NOTES.get(name, ""), "", f"- In: {', '.join(kind.sections)}{once}"]
    lines.append(f"- Honoured: {_listed(found.honoured)}")
    if found.refused:
        lines.append(f"- Refused with an error: {_listed(found.refused)}")
    return "\n".join([*lines, ""])


def _listed(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)
