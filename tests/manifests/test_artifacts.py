"""The APIOps layout is asked again when one of its files has changed, and only then."""

from __future__ import annotations

import pytest

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.apiops import ArtifactMemory, is_information
from tidegate.manifests.artifacts import artifact_files
from tidegate.manifests.gather import Memory, gather
from tidegate.sources import SourceSet

FILES = {"art/apis/a/apiInformation.json": "{}", "art/policy.xml": "<policies />", "gateway.yaml": "# nothing"}
KNOWN = ArtifactMemory(paths=frozenset(("art/apis/a/apiInformation.json", "art/policy.xml")))


def changed(memory: ArtifactMemory, edits: dict[str, str], *, before: dict[str, str] = FILES) -> bool:
    old = sources_of(before)
    gathered = gather(old, Memory(), Found())
    first = artifact_files(gathered, old, memory, None)
    edited = sources_of({**before, **edits})
    same = {path: old.files[path] for path in before if path not in edits}
    new = SourceSet({**edited.files, **same}, old.roots, old.values)
    return artifact_files(gathered, new, memory, first) is not first


@pytest.mark.parametrize(
    ("edits", "again"),
    [
        ({}, False),
        ({"gateway.yaml": "# more"}, False),
        ({"art/policy.xml": "<policies><inbound /></policies>"}, True),
        ({"art/apis/b/apiInformation.json": "{}"}, True),
        ({"other.yaml": "# new"}, True),
    ],
)
def test_when_a_layout_is_there(edits: dict[str, str], *, again: bool) -> None:
    """Any file more or less may belong to it; a change of one that does not, does not matter."""
    assert changed(KNOWN, edits) is again


@pytest.mark.parametrize(("path", "again"), [("x/apis/b/apiInformation.json", True), ("other.yaml", False)])
def test_when_there_is_none(path: str, *, again: bool) -> None:
    """Only what makes one matters: thousands of routes come and go without it."""
    assert changed(ArtifactMemory(), {path: "{}"}, before={"gateway.yaml": "# nothing"}) is again


def test_what_makes_a_layout() -> None:
    """The information of an API, below `apis`."""
    assert is_information("apis/a/apiInformation.json") == is_information("x/y/apis/a/apiInformation.json") is True
    assert not is_information("apiInformation.json")
    assert not is_information("apis/a/b/apiInformation.json")
