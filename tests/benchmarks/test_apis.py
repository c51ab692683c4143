"""Many APIs, compiled as they are measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.apis import compile_times, write


def test_a_change_is_compiled_like_the_rest(tmp_path: Path) -> None:
    """Without an error, from nothing and after edits."""
    write(tmp_path, apis=3, operations=2, backend_port=9)
    full_s, change_ms = compile_times(tmp_path, edits=2)
    assert full_s > 0
    assert change_ms > 0
