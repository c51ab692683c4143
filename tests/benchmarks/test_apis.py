"""Many APIs, compiled as they are measured."""

from __future__ import annotations

from pathlib import Path

from benchmarks.apis import changed_policy, compile_times, world, write
from compiling import codes, compiled


def test_a_change_is_compiled_like_the_rest(tmp_path: Path) -> None:
    """Without an error, from nothing and after edits."""
    write(tmp_path, apis=3, operations=2, backend_port=9)
    full_s, change_ms = compile_times(tmp_path, edits=2)
    assert full_s > 0
    assert change_ms > 0


def test_the_world_compiles(tmp_path: Path) -> None:
    """Without a finding; a changed policy is another text of the same file."""
    files = world(12, 3)
    compilation = compiled(files)
    assert codes(compilation) == []
    assert len(compilation.world.gateways[0].listeners[0].routes) == 36
    path, text = changed_policy(3, "x")
    assert files[path] != text
    write(tmp_path, apis=12, operations=3, backend_port=9)
    assert (tmp_path / path).read_text() == files[path]
