"""Every finding of manifests, references and the directory is shown by a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from goldens import TESTDATA
from tidegate.diagnostics.codes import identity, listeners, manifests, references

TESTS = Path(__file__).parents[1]
SHOWN = "\n".join(
    path.read_text("utf-8")
    for path in (
        *sorted(TESTDATA.rglob("*.out.diag.txt")),
        *sorted((TESTS / "manifests").glob("test_*.py")),
        *sorted((TESTS / "pipeline").glob("test_*.py")),
    )
)


@pytest.mark.parametrize(
    "code", [*manifests.CODES, *references.CODES, *listeners.CODES, *identity.CODES], ids=lambda code: code.code
)
def test_code_has_a_case(code: object) -> None:
    """By its number, in a golden or in an asserted test."""
    assert code.code in SHOWN  # type: ignore[attr-defined]  # a Code
