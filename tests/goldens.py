"""Golden cases: an input beside the outputs that a reviewer reads.

How to use it::

    from goldens import Case, Golden, cases

    @pytest.mark.parametrize("case", cases("sources/yaml"))
    def test_yaml_cases(case: Case, golden: Golden) -> None:
        \"\"\"Each document reads as its golden says.\"\"\"
        found = Found()
        tree = read(case.source_text, found)
        golden.compare(case, {"yaml": print_tree(tree), "diag.txt": print_found(found)})

Layout, under tests/testdata/<area>/:

- `<case>.in.yaml`, `.in.xml`, `.in.json` or a folder `<case>.in/`, and `<case>.out.<artefact>` for each artefact
  (`yaml`, `xds.yaml`, `diag.txt`, ...). An artefact whose text is empty has no file.
- Line 1 of the input says what it shows: `# case: {shows: "..."}`, in XML `<!-- case: {shows: "..."} -->`. For JSON and
  folders the same mapping is the whole of `<case>.case.yaml`. `shows` is required; `spec` and `base` (names of files in
  testdata/base/) are always allowed; other switches must be named in `cases(area, switches=("features",))`.

`pytest --update-golden` rewrites outputs, deletes orphans, prints a line per change and exits non-zero, so that it can
never pass as a test run; CI refuses it. Never edit an output by hand.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

TESTDATA = Path(__file__).parent / "testdata"
_INPUT = re.compile(r"(?P<name>[a-z0-9-]+)\.in(\.(?P<format>yaml|xml|json))?")
_HEADER = re.compile(r"(?:#|<!--) case: (\{.*\})(?: -->)?$")


@dataclass(frozen=True)
class Case:
    """One input. `path` is a file, or a folder for layouts of many files."""

    area: str
    name: str
    path: Path
    switches: Mapping[str, Any]

    @property
    def source_text(self) -> str:
        """The input's text, header line included, so that line numbers are the file's."""
        return self.path.read_bytes().decode("utf-8")

    @property
    def shown_path(self) -> str:
        """The name to use in spans: short, the same on every machine."""
        return self.path.name

    @property
    def base(self) -> tuple[Path, ...]:
        """Shared inputs that the case names."""
        return tuple(TESTDATA / "base" / f"{name}.yaml" for name in self.switches.get("base", ()))


def cases(area: str, *, switches: Sequence[str] = ()) -> list[Any]:
    """Every case of an area, as pytest parameters named by the case."""
    folder = TESTDATA / area
    inputs = sorted(p for p in folder.iterdir() if _INPUT.fullmatch(p.name)) if folder.is_dir() else []
    if not inputs:
        raise ValueError(f"{area}: no golden case in {folder}")
    if lost := orphans(folder):
        raise ValueError(f"{area}: outputs without an input (--update-golden deletes them): {[p.name for p in lost]}")
    return [pytest.param(case, id=case.name) for case in (_case(area, p, switches) for p in inputs)]


def _case(area: str, path: Path, switches: Sequence[str]) -> Case:
    match = _INPUT.fullmatch(path.name)
    name = match["name"] if match else path.name
    if path.is_dir() or path.suffix == ".json":
        header = path.with_name(f"{name}.case.yaml").read_text("utf-8")
    else:
        first = path.read_bytes().decode("utf-8", "replace").splitlines()[0]
        found = _HEADER.search(first.rstrip())
        header = found[1] if found else ""
    given = yaml.safe_load(header)
    if not isinstance(given, dict) or not given.get("shows"):
        raise ValueError(f'{area}/{path.name}: line 1 must be `# case: {{shows: "..."}}`')
    if unknown := given.keys() - {"shows", "spec", "base", *switches}:
        raise ValueError(f"{area}/{path.name}: unknown switches {sorted(unknown)}")
    return Case(area, name, path, given)


@dataclass
class Golden:
    """Compares a case's artefacts with its outputs, or rewrites them."""

    update: bool
    changes: list[str] = field(default_factory=list)

    def compare(self, case: Case, artefacts: Mapping[str, str]) -> None:
        """Fail with a diff unless the outputs are exactly `artefacts` (text by what follows `<case>.out.`)."""
        folder = case.path.parent
        wanted = {f"{case.name}.out.{kind}": text.rstrip("\n") + "\n" for kind, text in artefacts.items() if text}
        present = {p.name: p.read_text("utf-8") for p in folder.glob(f"{case.name}.out.*")}
        if self.update:
            self._rewrite(folder, present, wanted)
            return
        diff: list[str] = []
        for name in sorted(wanted.keys() | present.keys()):
            was, now = present.get(name, "").splitlines(), wanted.get(name, "").splitlines()
            diff += difflib.unified_diff(was, now, f"{name} (golden)", f"{name} (now)", lineterm="")
        if diff:
            shown = "\n".join(diff[:200])
            pytest.fail(f"{case.area}/{case.name}: {case.switches['shows']}\n{shown}", pytrace=False)

    def _rewrite(self, folder: Path, present: Mapping[str, str], wanted: Mapping[str, str]) -> None:
        for name in sorted(present.keys() - wanted.keys()):
            (folder / name).unlink()
            self.changes.append(f"deleted {folder.name}/{name}")
        for name, text in wanted.items():
            if present.get(name) != text:
                (folder / name).write_text(text, "utf-8")
                self.changes.append(f"wrote {folder.name}/{name}")


def orphans(folder: Path) -> list[Path]:
    """Outputs below `folder` whose input is gone."""
    return [
        path
        for path in sorted(folder.rglob("*.out.*"))
        if ".in/" not in path.as_posix() and not list(path.parent.glob(f"{path.name.split('.out.')[0]}.in*"))
    ]
