"""Write the pages that are made from the code: `python -m scripts.generate_docs`, with `--check` to compare only.

A page that is generated cannot promise what the code does not do: `make lint` and a test refuse a page that drifted.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from scripts.pages import diagnostics_page, policy_pages, supported_page

ROOT = Path(__file__).resolve().parent.parent

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/diagnostics.md": diagnostics_page.render,
    "docs/supported.md": supported_page.render,
    **{path: partial(policy_pages.render, file) for path, file in policy_pages.pages(ROOT).items()},
}
"""Path from the root, and what makes the page."""


def drifted(root: Path) -> dict[str, str]:
    """The pages whose file differs from what the code says now, each with the difference."""
    differences: dict[str, str] = {}
    for path, render in PAGES.items():
        file = root / path
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        new = render()
        if old != new:
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), path, "as generated", lineterm="", n=1)
            differences[path] = "\n".join(lines)
    return differences


def write(root: Path) -> None:
    """Write every page."""
    for path, render in PAGES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or with `--check` say which ones drifted; 1 if any did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page drifted")
    if not parser.parse_args(arguments).check:
        write(ROOT)
        return 0
    differences = drifted(ROOT)
    for path, difference in differences.items():
        print(f"{path} drifted; run `make docs`\n{difference}")
    print(f"docs: {len(PAGES)} generated pages, {len(differences)} drifted")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
