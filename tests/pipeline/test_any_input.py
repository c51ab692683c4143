"""Any input gives a compilation or a documented diagnostic, never an exception."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from compiling import compiled
from goldens import TESTDATA
from tidegate.diagnostics.codes import CODES

INPUTS = [*sorted((TESTDATA / "base").glob("*.yaml")), *sorted((TESTDATA / "manifests").glob("*/*.in.yaml"))]
TREES = [tree for path in INPUTS for tree in yaml.safe_load_all(path.read_text("utf-8"))]
DOCUMENTS = [tree for tree in TREES if isinstance(tree, dict)]
ODD: list[Any] = [
    None, True, 0, -1, 99999, 1.5, 10**30, float("inf"), "", "x", "A B", "*.a.com", "/", "//", "${X}", "é\u2028\x85",
    "a" * 300, "127.0.0.1:80", [], {}, [1], ["x"], {"a": 1}, [[]], [{}], {"name": "x"},
]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path into a tree but the root's."""
    if path:
        yield path
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in pairs:
        yield from places(child, (*path, step))


def damaged(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with one to four parts removed, replaced or renamed."""
    document = copy.deepcopy(document)
    for _ in range(chance.choice([1, 1, 2, 4])):
        found = list(places(document))
        if not found:
            break
        *before, last = chance.choice(found)
        parent: Any = document
        for step in before:
            parent = parent[step]
        match chance.randrange(4):
            case 0:
                del parent[last]
            case 1 if isinstance(parent, dict):
                parent[chance.choice(["x", "name", "spec", "kind", "value"])] = parent.pop(last)
            case _:
                parent[last] = copy.deepcopy(chance.choice(ODD))
    return document


@pytest.mark.parametrize("seed", range(60))
def test_damaged_documents(seed: int) -> None:
    """Alone, and after a good version of themselves."""
    chance = random.Random(seed)
    chosen = [chance.choice(DOCUMENTS) for _ in range(chance.randint(1, 20))]
    good = compiled("\n---\n".join(yaml.safe_dump(document) for document in chosen))
    text = "\n---\n".join(yaml.safe_dump(damaged(document, chance), allow_unicode=True) for document in chosen)
    for previous in (None, good):
        compilation = compiled(text, previous=previous)
        assert all(CODES[found.code.code] is found.code and found.message for found in compilation.diagnostics)
