"""Reading what git tracks."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from scripts.check_house import read_tracked

if TYPE_CHECKING:
    from pathlib import Path


def test_only_tracked_text_is_read(tmp_path: Path) -> None:
    """Files that git does not track, that are gone or that are not text, are not checked."""
    (tmp_path / "kept.md").write_text("text")
    (tmp_path / "gone.md").write_text("text")
    (tmp_path / "picture.bin").write_bytes(b"\xff\xfe\x00")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (tmp_path / "untracked.md").write_text("text")
    (tmp_path / "gone.md").unlink()
    assert read_tracked(tmp_path) == {"kept.md": "text"}
