"""Whatever a document holds, it is judged: no kind's rules, and no salvaging, ever raise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.pages.kinds import fields_of
from tidegate.diagnostics import Found
from tidegate.manifests.documents import Document, identify
from tidegate.manifests.reading import read_file
from tidegate.manifests.schema import KINDS, Kind
from tidegate.sources import Source
from tidegate.sources.yaml import read_yaml


def _words() -> Iterator[str]:
    """The names of all fields of all kinds."""
    for kind in KINDS.values():
        fields = fields_of(kind.schema)
        for parent, name in (*fields.honoured, *fields.refused):
            yield from f"{parent}.{name}".replace("[]", "").replace("{}", "").split(".")


WORDS = sorted(set(_words()) | {"oddity"})
TEXTS = (
    "",
    "a",
    "*",
    "*.a",
    "10s",
    "1h",
    "-1",
    "1.0",
    "System",
    "Header",
    "Exact",
    "RegularExpression",
    "(",
    "/",
    "//a",
    "${A}",
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-1, 2**33), st.floats(-2, 2), st.sampled_from(TEXTS))
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)),
    max_leaves=12,
)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(KINDS.values(), key=lambda kind: (kind.group, kind.name))), VALUES, st.booleans())
def test_anything_is_judged(kind: Kind, spec: Any, misspelt: bool) -> None:
    """With its own version and with one that does not exist."""
    version = "v0" if misspelt else kind.versions[0]
    document = {
        "apiVersion": f"{kind.group}/{version}" if kind.group else version,
        "kind": kind.name,
        "metadata": {"name": "a", "namespace": "shop"},
        "spec": spec,
    }
    reading = read_file(Source("a.yaml", yaml.safe_dump(document)), {}, before=None)
    assert all(candidate.key.name == "a" for candidate in reading.candidates)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(("apiVersion", "kind", "metadata", "spec", "version", "items")), VALUES))
def test_anything_is_identified(document: dict[str, Any]) -> None:
    """Or left alone."""
    for root in read_yaml(Source("a.yaml", yaml.safe_dump(document)), Found(), {}):
        for each in identify(root, Found()):
            assert not isinstance(each, Document) or each.key.name
