"""The global document that holds where none is given."""

from __future__ import annotations

from tidegate.diagnostics import Found
from tidegate.policies import DEFAULT_GLOBAL, build_program


def test_default_global_document_forwards() -> None:
    """And does nothing else."""
    program = build_program([DEFAULT_GLOBAL], found=Found())
    assert program
    assert [(s.section, s.text) for s in program.steps] == [("backend", "forward-request")]
    assert DEFAULT_GLOBAL.scope == "global"
