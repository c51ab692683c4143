"""What is measured of policies is accepted, and means what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.policy_cases import COMBINATIONS, EMPTY, EXPRESSIONS, POLICIES, Case, document, write
from compiling import compiled
from tidegate.diagnostics import Severity


@pytest.mark.parametrize("case", [EMPTY, *POLICIES, *EXPRESSIONS, *COMBINATIONS], ids=lambda case: case.name)
def test_a_case_is_accepted(case: Case, tmp_path: Path) -> None:
    """Without an error; otherwise its route would answer 503, and that would be measured."""
    write(tmp_path, [case], backend_port=9)
    files = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    found = compiled(files).diagnostics
    assert [d.concise() for d in found if d.severity is Severity.ERROR] == []


def test_names_are_paths() -> None:
    """Each case has its own."""
    names = [case.name for case in (EMPTY, *POLICIES, *EXPRESSIONS)]
    assert len(set(names)) == len(names)
    assert len({case.name for case in COMBINATIONS}) == len(COMBINATIONS)
    assert all(case.by_hand for case in COMBINATIONS)
    assert "<base />" in document(EMPTY)
