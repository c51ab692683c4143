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
CONFIGURATION: Final = re.compile(r"configuration(\.(?P<environment>[^/]+))?\.ya?ml")
_REVISION: Final = re.compile(r"(?P<api>.+);rev=(?P<revision>[^;]+)")
_UNREAD: Final = (
    "diagnostics", "gateways", "groups", "loggers", "tags", "workspaces", "api releases", "schemas",
    "tagresources", "policy restrictions", "identity providers", "documentation",
)  # fmt: skip
"""Folders whose content changes nothing by itself: what refers to it (a policy, an API) is refused where it does."""


@dataclass
class ApiFolder:
    """One `apis/<api>/`."""

    name: str
    """The folder's, with `;rev=N` where that is part of it."""
    information: str
    specification: str | None = None
    policy: str | None = None
    operation_policies: dict[str, str] = field(default_factory=dict)
    """Operation -> path of its policy.xml."""

    @property
    def id(self) -> str:
        """The API's name in Azure, without the revision."""
        revision = _REVISION.fullmatch(self.name)
        return revision["api"] if revision else self.name

    @property
    def revision(self) -> str | None:
        """The revision that the folder's name tells; None for the current one."""
        revision = _REVISION.fullmatch(self.name)
        return revision["revision"] if revision else None


@dataclass
class ProductFolder:
    """One `products/<product>/`."""

    name: str
    information: str
    policy: str | None = None
    apis: dict[str, str] = field(default_factory=dict)
    """API -> the file that puts it into the product."""
    api_list: str | None = None
    """`apis.json`, in which older extractors list them."""


@dataclass
class Layout:
    """One root folder."""

    root: str
    """Ends with `/` unless empty."""
    apis: dict[str, ApiFolder] = field(default_factory=dict)
    policy: str | None = None
    named_values: dict[str, str] = field(default_factory=dict)
    """Folder name -> path of its namedValueInformation.json."""
    products: dict[str, ProductFolder] = field(default_factory=dict)
    subscriptions: dict[str, str] = field(default_factory=dict)
    """Folder name -> path of its subscriptionInformation.json."""
    version_sets: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)
    """Folder name -> path of its policy.xml."""
    backends: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    """Folder name -> path of its certificateInformation.json."""
    configurations: dict[str, str] = field(default_factory=dict)
    """Environment -> path of its `configuration.<env>.yaml`; "" for `configuration.yaml`."""
    said: tuple[tuple[str, str, bool], ...] = ()
    """(path, what, whether it is refused) of what is there and not honoured."""

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
    layout = layout_of(tuple(paths))
    if layout is not None:
        report(layout, found)
    return layout


def layout_of(paths: tuple[str, ...]) -> Layout | None:
    """The same from paths alone, sorted; nothing is reported yet."""
    candidates = (path for path in paths if path.endswith("/apiInformation.json"))
    roots = sorted({match["root"] for path in candidates if (match := _INFORMATION.fullmatch(path))})
    if not roots:
        return None
    layout = Layout(roots[0])
    there = frozenset(paths)
    for path in paths:
        if path.startswith(layout.root):
            _place(layout, path, path.removeprefix(layout.root), there)
    beside = str(PurePosixPath(layout.root).parent)
    for path in paths:
        match = CONFIGURATION.fullmatch(PurePosixPath(path).name) if path.endswith((".yaml", ".yml")) else None
        if match and str(PurePosixPath(path).parent) in (beside, layout.root.rstrip("/"), "."):
            layout.configurations[match["environment"] or ""] = path
    layout.said = tuple(_rest(layout, paths, roots))
    return layout


def report(layout: Layout, found: Found) -> None:
    """What is there and not honoured: an error where it would change an answer, else an information, once a folder."""
    for path, what, refused in layout.said:
        code = codes.APIM_FILE_UNSUPPORTED if refused else codes.APIM_FILE_UNREAD
        found.add(code, at=Span(path, 1, 1, 1, 1), what=what)


def _place(layout: Layout, path: str, inside: str, there: frozenset[str]) -> None:
    match inside.split("/"):
        case ["policy.xml"]:
            layout.policy = path
        case ["named values", name, "namedValueInformation.json"]:
            layout.named_values[name] = path
        case ["subscriptions", name, "subscriptionInformation.json"]:
            layout.subscriptions[name] = path
        case ["version sets", name, "versionSetInformation.json"]:
            layout.version_sets[name] = path
        case ["policy fragments", name, "policy.xml"]:
            layout.fragments[name] = path
        case ["backends", name, "backendInformation.json"]:
            layout.backends[name] = path
        case ["certificates", name, "certificateInformation.json"]:
            layout.certificates[name] = path
        case ["products", name, *rest]:
            information = f"{layout.root}products/{name}/productInformation.json"
            if information in there:
                _place_product(layout.products.setdefault(name, ProductFolder(name, information)), path, rest)
        case ["apis", name, *rest]:
            information = f"{layout.root}apis/{name}/apiInformation.json"
            if information in there:
                _place_api(layout.apis.setdefault(name, ApiFolder(name, information)), path, rest)


def _place_product(product: ProductFolder, path: str, rest: list[str]) -> None:
    match rest:
        case ["policy.xml"]:
            product.policy = path
        case ["apis", api, "productApiInformation.json"]:
            product.apis[api] = path
        case ["apis.json"]:
            product.api_list = path


def _place_api(api: ApiFolder, path: str, rest: list[str]) -> None:
    match rest:
        case ["policy.xml"]:
            api.policy = path
        case ["operations", operation, "policy.xml"]:
            api.operation_policies[operation] = path
        case [file] if _SPECIFICATION.fullmatch(file):
            api.specification = path


def _rest(layout: Layout, paths: tuple[str, ...], roots: list[str]) -> Iterator[tuple[str, str, bool]]:
    for other in roots[1:]:
        first = next(p for p in paths if p.startswith(f"{other}apis/"))
        yield (
            first,
            f"a second folder of API Management artifacts (`{other}` beside `{roots[0]}`, which is served)",
            True,
        )
    said: set[str] = set()
    there = frozenset(paths)
    for path in paths:
        if not path.startswith(layout.root):
            continue
        parts = path.removeprefix(layout.root).split("/")
        if parts[0] in ("products", "subscriptions", "version sets", "policy fragments") and len(parts) > 2:
            wanted = _WANTED[parts[0]]
            if f"{layout.root}{parts[0]}/{parts[1]}/{wanted}" not in there and (key := "/".join(parts[:2])) not in said:
                said.add(key)
                yield path, f"`{key}` without its {wanted}", True
        elif parts[0] in _UNREAD and len(parts) > 1 and parts[0] not in said:
            said.add(parts[0])
            yield path, f"the folder `{parts[0]}`", False


_WANTED: Final = {
    "products": "productInformation.json",
    "subscriptions": "subscriptionInformation.json",
    "version sets": "versionSetInformation.json",
    "policy fragments": "policy.xml",
}


def files_of(layout: Layout) -> Iterator[str]:
    """Every file that the layout is made of."""
    for table in (
        layout.named_values, layout.subscriptions, layout.version_sets, layout.fragments, layout.backends,
        layout.certificates, layout.configurations,
    ):  # fmt: skip
        yield from table.values()
    if layout.policy:
        yield layout.policy
    for product in layout.products.values():
        yield product.information
        yield from product.apis.values()
        yield from (path for path in (product.policy, product.api_list) if path)
    for api in layout.apis.values():
        yield api.information
        yield from api.operation_policies.values()
        yield from (path for path in (api.specification, api.policy) if path)
