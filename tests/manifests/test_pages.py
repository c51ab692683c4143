"""Pages on manifests: the example has the mistake that the page is about, and what to use instead has it not."""

from __future__ import annotations

import re

import pytest

from tidegate.diagnostics import Found
from tidegate.diagnostics.pages import page, pages
from tidegate.manifests.check import check
from tidegate.manifests.documents import Document, identify
from tidegate.sources import Source
from tidegate.sources.yaml import read_yaml

ELSEWHERE = {"TG1106"}
"""Told by comparing objects, not by reading one."""
CODES = [code for code in pages() if re.fullmatch("TG1[13]..", code) and code not in ELSEWHERE]


def told(text: str) -> set[str]:
    """The codes of everything that is said of a file's documents one by one."""
    found = Found()
    for root in read_yaml(Source("a.yaml", text), found, {}):
        for document in identify(root, found):
            if isinstance(document, Document):
                check(document.node, document.kind.schema, subject=str(document.key), found=found)
    return {each.code.code for each in found.sorted()}


@pytest.mark.parametrize("code", CODES)
def test_example_has_the_mistake_and_the_way_out_has_not(code: str) -> None:
    """As written on the page."""
    wrong, *rest = re.findall(r"^```yaml\n(.*?)^```", page(code), re.DOTALL | re.MULTILINE)
    right = rest[0] if rest else ""  # the way out may be a command
    assert code in told(wrong)
    assert not {each for each in told(right) if each != "TG1104"}
