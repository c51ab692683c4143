"""The large world compiles, and is as large as it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.apim_world import apim_world, changed_policy, write
from compiling import codes, compiled


def test_the_world_compiles(tmp_path: Path) -> None:
    """Without a finding; a changed policy is another text of the same file."""
    files = apim_world(12, 3)
    compilation = compiled(files)
    assert codes(compilation) == []
    assert len(compilation.world.gateways[0].listeners[0].routes) == 36
    path, text = changed_policy(files, 3, "x")
    assert files[path] != text
    write({path: text}, tmp_path)
    assert (tmp_path / path).read_text() == text
