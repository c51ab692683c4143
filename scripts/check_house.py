"""Check the house's own rules over everything that git tracks: `python -m scripts.check_house`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.house_rules import RULES, Tracked, check

ROOT = Path(__file__).resolve().parent.parent


def read_tracked(root: Path) -> Tracked:
    """Read the text of every tracked file that still stands; files that are not UTF-8 text are left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    tracked: dict[str, str] = {}
    for path in filter(None, listed.split("\0")):
        file = root / path
        try:
            tracked[path] = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return tracked


def main() -> int:
    """Print every finding; 1 if there is one."""
    tracked = read_tracked(ROOT)
    findings = check(tracked)
    for finding in findings:
        print(finding)
    print(f"house: {len(RULES)} rules, {len(tracked)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
