"""The page of each code, for `tidegate explain TG1204`; read from the package, so that it works offline."""

from __future__ import annotations

from importlib import resources

from tidegate.diagnostics.codes import CODES
from tidegate.diagnostics.suggest import nearest


def page(name: str) -> str:
    """What a code means, as Markdown. `name` is a code or its slug; LookupError, with a message for the user, if it
    is neither."""
    code = next((row for row in CODES.values() if name.upper() == row.code or name.lower() == row.slug), None)
    if code is None:
        near = nearest(name, [*CODES, *(row.slug for row in CODES.values())])
        raise LookupError(f"{name} is no diagnostic of this version" + (f"; did you mean {near}?" if near else ""))
    return _folder().joinpath(f"{code.code}.md").read_text("utf-8")


def pages() -> tuple[str, ...]:
    """The codes that have a page."""
    return tuple(sorted(item.name.removesuffix(".md") for item in _folder().iterdir() if item.name.endswith(".md")))


def _folder() -> resources.abc.Traversable:
    return resources.files("tidegate.diagnostics") / "pages"
