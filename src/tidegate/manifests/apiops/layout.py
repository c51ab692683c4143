"""Which files belong to the layout, and what each of them is (Azure/apiops, `apimartifacts/`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.sources import SourceSet

_INFORMATION: Final = re.compile(r"(?P<root>.*?/?)apis/(?P<api>[^/]+)/apiInformation\.json")
_SPECIFICATION: Final = re.compile(r"specification\.(yaml|yml|json)")
_CONFIGURATION: Final = re.compile(r"configuration(\.[^/]+)?\.ya?ml")
_UNREAD: Final = (
    "backends", "diagnostics", "gateways", "groups", "loggers", "policy fragments", "subscriptions", "tags",
    "version sets", "workspaces", "api releases", "schemas", "certificates",
)  # fmt: skip
"""Folders whose content changes nothing by itself: what refers to it (a policy, an API) is refused where it does."""


@dataclass
class ApiFolder:
    """One `apis/<api>/`."""

    name: str
    information: str
    specification: str | None = None
    policy: str | None = None
    operation_policies: dict[str, str] = field(default_factory=dict)
    """Operation -> path of its policy.xml."""


@dataclass
class Layout:
    """One root folder."""

    root: str
    """Ends with `/` unless empty."""
    apis: dict[str, ApiFolder] = field(default_factory=dict)
    policy: str | None = None
    named_values: dict[str, str] = field(default_factory=dict)
    """Folder name -> path of its namedValueInformation.json."""

    @property
    def place(self) -> Span:
        """Where the layout begins, for what concerns all of it."""
        first = self.apis[min(self.apis)].information
        return Span(first, 1, 1, 1, 1)


def is_information(path: str) -> bool:
    """Whether a path makes a layout of the folders that it is in."""
    return path.endswith("/apiInformation.json") and _INFORMATION.fullmatch(path) is not None


def find_layout(sources: SourceSet, known: frozenset[str], found: Found) -> Layout | None:
    """The layout among the inputs, if any. `known` are paths seen before that are hidden now: they still count."""
    paths = sorted({*sources.files, *known, *(path for path in sources.unreadable if path)})
    candidates = (path for path in paths if path.endswith("/apiInformation.json"))
    roots = sorted({match["root"] for path in candidates if (match := _INFORMATION.fullmatch(path))})
    if not roots:
        return None
    for other in roots[1:]:
        found.add(
            codes.APIM_FILE_UNSUPPORTED,
            at=Span(next(p for p in paths if p.startswith(f"{other}apis/")), 1, 1, 1, 1),
            what=f"a second folder of API Management artifacts (`{other}` beside `{roots[0]}`)",
            notes=["the first by name is served"],
        )
    layout = Layout(roots[0])
    for path in paths:
        if path.startswith(layout.root):
            _place(layout, path, path.removeprefix(layout.root), paths)
    _report_rest(layout, paths, found)
    return layout


def _place(layout: Layout, path: str, inside: str, paths: list[str]) -> None:
    match inside.split("/"):
        case ["policy.xml"]:
            layout.policy = path
        case ["named values", name, "namedValueInformation.json"]:
            layout.named_values[name] = path
        case ["apis", name, *rest]:
            information = f"{layout.root}apis/{name}/apiInformation.json"
            if information not in paths:
                return
            api = layout.apis.setdefault(name, ApiFolder(name, information))
            match rest:
                case ["policy.xml"]:
                    api.policy = path
                case ["operations", operation, "policy.xml"]:
                    api.operation_policies[operation] = path
                case [file] if _SPECIFICATION.fullmatch(file):
                    api.specification = path


def _report_rest(layout: Layout, paths: list[str], found: Found) -> None:
    """What is there and not honoured: an error where it would change an answer, else an information, once a folder."""
    said: set[str] = set()
    beside = str(PurePosixPath(layout.root).parent)
    for path in paths:
        if _CONFIGURATION.fullmatch(PurePosixPath(path).name) and str(PurePosixPath(path).parent) in (beside, "."):
            found.add(codes.APIM_FILE_UNREAD, at=Span(path, 1, 1, 1, 1), what=f"the overrides in `{path}`")
        if not path.startswith(layout.root):
            continue
        parts = path.removeprefix(layout.root).split("/")
        if parts[0] == "products" and parts[-1] == "policy.xml":
            found.add(
                codes.APIM_FILE_UNSUPPORTED, at=Span(path, 1, 1, 1, 1), what=f"the policy of product `{parts[1]}`"
            )
        elif parts[0] in ("products", *_UNREAD) and len(parts) > 1 and parts[0] not in said:
            said.add(parts[0])
            found.add(codes.APIM_FILE_UNREAD, at=Span(path, 1, 1, 1, 1), what=f"the folder `{parts[0]}`")


def files_of(layout: Layout) -> Iterator[str]:
    """Every file that the layout is made of."""
    yield from layout.named_values.values()
    if layout.policy:
        yield layout.policy
    for api in layout.apis.values():
        yield api.information
        yield from api.operation_policies.values()
        yield from (path for path in (api.specification, api.policy) if path)
