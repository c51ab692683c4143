"""What comes out of the pipeline."""

from __future__ import annotations

from compiling import compiled
from tidegate.pipeline.compilation import Compilation, Settings


def test_errors_are_told_apart_from_warnings() -> None:
    """`check` exits with 1 for errors only."""
    foreign = compiled("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\n")
    assert isinstance(foreign, Compilation)
    assert foreign.diagnostics
    assert not foreign.has_errors
    assert compiled("apiVersion: v1\nkind: Servise\n").has_errors
    assert Settings().port_offset == 8000
