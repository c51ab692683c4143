"""Golden cases of routes resolved one object at a time: what each rule becomes, and which condition says what."""

from __future__ import annotations

import pytest

from compiling import files_of, sources_of
from goldens import Case, Golden, cases
from rules import found_text, resolve_all, rules_text
from tidegate.diagnostics import Found
from tidegate.manifests.gather import Memory, gather


@pytest.mark.parametrize("case", cases("manifests/rules"))
def test_rule_cases(case: Case, golden: Golden) -> None:
    """Each route resolves as its golden says, with every finding where it says."""
    files = files_of(case)
    found = Found()
    manifests = gather(sources_of(files), Memory(), found).manifests
    resolved = resolve_all(manifests, found)
    golden.compare(case, {"rules.txt": rules_text(resolved), "diag.txt": found_text(found, files)})
