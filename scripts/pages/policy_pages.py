"""The pages docs/policies/*.md: one policy each, with an example that is run and the Lua that it becomes.

A page holds fenced blocks that are read by their info strings:

- ```` ```xml policy ````: the example, the policy document of an API that the page's name is the path of;
- ```` ```yaml cases ````: a PolicyTest of it, which the tests run;
- ```` ```json file=PATH ```` (or any language): another file of the layout that the example needs;
- ```` ```lua becomes ````: what the example becomes; `make docs` writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.sources import Source, SourceSet

FOLDER: Final = "docs/policies"
_FENCE: Final = re.compile(
    r"^```(?P<language>\w+) (?P<use>policy|cases|becomes|file=(?P<path>[^\n]+))\n(?P<text>.*?)^```$", re.M | re.S
)
_FULL_SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "required": ["item"],
    "properties": {"item": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
}
_ORDER: Final[Mapping[str, object]] = {"schema": _FULL_SCHEMA, "example": {"item": "tea", "count": 2}}
_FINE: Final[Mapping[str, object]] = {"200": {"description": "fine", "content": {"application/json": _ORDER}}}
_ID: Final[Mapping[str, object]] = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_TOP: Final[Mapping[str, object]] = {"name": "top", "in": "query", "schema": {"type": "integer"}}
SPECIFICATION: Final[Mapping[str, object]] = {
    "openapi": "3.0.1",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "get": {"operationId": "listOrders", "parameters": [_TOP], "responses": _FINE},
            "post": {
                "operationId": "addOrder",
                "requestBody": {"content": {"application/json": _ORDER}},
                "responses": {"201": {"description": "made"}},
            },
        },
        "/orders/{id}": {
            "parameters": [_ID],
            "get": {"operationId": "getOrder", "responses": _FINE},
            "put": {"operationId": "putOrder", "responses": _FINE},
            "delete": {"operationId": "dropOrder", "responses": {"204": {"description": "gone"}}},
        },
    },
}
"""The API of every example: orders, by list and by number."""


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One page's blocks."""

    name: str
    """The policy's, and the path of its API."""
    policy: str
    cases: str
    files: Mapping[str, str]
    """Path below the layout's root -> text."""

    def world(self) -> dict[str, str]:
        """The example as files by path."""
        root = f"{self.name}/apimartifacts"
        api = f"{root}/apis/{self.name}"
        information = {
            "properties": {
                "path": self.name,
                "displayName": self.name,
                "serviceUrl": "https://orders.example.com/v1",
                "subscriptionRequired": False,
            }
        }
        return {
            f"{api}/apiInformation.json": json.dumps(information),
            f"{api}/specification.json": json.dumps(SPECIFICATION),
            f"{api}/policy.xml": self.policy,
            f"{self.name}/cases.yaml": self.cases,
            **{f"{root}/{path}": text for path, text in self.files.items()},
        }

    def compiled(self, *, port_offset: int = 8000, observed: Observed | None = None) -> Compilation:
        """The example, compiled."""
        files = {path: Source(path, text) for path, text in sorted(self.world().items())}
        settings = Settings(port_offset=port_offset)
        return compile_sources(SourceSet(files, (self.name,), {}), settings, observed or Observed())


def read_page(path: Path) -> PolicyPage:
    """A page's blocks. Raises ValueError where one is missing."""
    blocks: dict[str, str] = {}
    files: dict[str, str] = {}
    for match in _FENCE.finditer(path.read_text(encoding="utf-8")):
        if match["path"]:
            files[match["path"]] = match["text"]
        elif match["use"] in blocks:
            raise ValueError(f"{path.name} has two blocks `{match['use']}`")
        else:
            blocks[match["use"]] = match["text"]
    missing = {"policy", "cases", "becomes"} - blocks.keys()
    if missing:
        raise ValueError(f"{path.name} has no block {', '.join(sorted(missing))}")
    return PolicyPage(path.stem, blocks["policy"], blocks["cases"], files)


def render(path: Path) -> str:
    """The page as it should be: with the Lua that its example becomes now."""
    lua = becomes(read_page(path))

    def replaced(match: re.Match[str]) -> str:
        return f"```lua becomes\n{lua}```" if match["use"] == "becomes" else match[0]

    return _FENCE.sub(replaced, path.read_text(encoding="utf-8"))


def becomes(page: PolicyPage) -> str:
    """The program of the example's first operation. Raises ValueError if it is not accepted."""
    compilation = page.compiled()
    errors = [d.concise() for d in compilation.diagnostics if d.severity.value == "error"]
    if errors:
        raise ValueError(f"{page.name}: {'; '.join(errors)}")
    for gateway in compilation.world.gateways:
        for listener in gateway.listeners:
            for route in listener.routes:
                if route.program is not None:
                    return route.program.lua
    raise ValueError(f"{page.name}: no route has a program")


def pages(root: Path) -> dict[str, Path]:
    """Path from the root -> file, of every page with an example. A policy that is refused has a page without one."""
    files = sorted((root / FOLDER).glob("*.md"))
    return {f"{FOLDER}/{file.name}": file for file in files if "```xml policy" in file.read_text(encoding="utf-8")}
