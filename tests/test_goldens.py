"""The golden plugin itself."""

from __future__ import annotations

from pathlib import Path

import pytest

import goldens
from goldens import Case, Golden, cases, orphans

pytest_plugins = ["pytester"]


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An area of golden cases of its own, called `a`."""
    monkeypatch.setattr(goldens, "TESTDATA", tmp_path)
    (tmp_path / "a").mkdir()
    return tmp_path / "a"


def one(area: Path) -> Case:
    """The only case of the area."""
    (parameter,) = cases(area.name)
    case = parameter.values[0]
    assert isinstance(case, Case)
    return case


def test_outputs_are_written_compared_and_deleted(area: Path) -> None:
    """Rewriting makes the outputs what they are; comparing fails on any difference, also on a file too many."""
    (area / "x.in.yaml").write_text('# case: {shows: "x"}\na: 1\n')
    update = Golden(update=True)
    update.compare(one(area), {"yaml": "b\n\n", "diag.txt": "", "xds.yaml": "c"})
    assert sorted(path.name for path in area.iterdir()) == ["x.in.yaml", "x.out.xds.yaml", "x.out.yaml"]
    assert (area / "x.out.yaml").read_text() == "b\n"
    compare = Golden(update=False)
    compare.compare(one(area), {"yaml": "b", "xds.yaml": "c\n"})
    with pytest.raises(pytest.fail.Exception, match=r"(?s)a/x: x\n.*-b\n\+d"):
        compare.compare(one(area), {"yaml": "d", "xds.yaml": "c"})
    with pytest.raises(pytest.fail.Exception, match="-c"):
        compare.compare(one(area), {"yaml": "b"})
    again = Golden(update=True)
    again.compare(one(area), {"yaml": "b"})
    assert again.changes == ["deleted a/x.out.xds.yaml"]


def test_headers_of_every_format(area: Path) -> None:
    """Comments where the format has them, a file beside the input where not."""
    (area / "j.in.json").write_text("{}")
    (area / "j.case.yaml").write_text('{shows: "json"}')
    (area / "d.in").mkdir()
    (area / "d.case.yaml").write_text('{shows: "folder", base: [services]}')
    (area / "x.in.xml").write_text('<!-- case: {shows: "{braces}", flag: {on: "1"}} -->\n<p/>')
    found = {parameter.values[0].name: parameter.values[0] for parameter in cases("a", switches=("flag",))}
    assert {name: case.switches["shows"] for name, case in found.items()} == {
        "j": "json",
        "d": "folder",
        "x": "{braces}",
    }
    assert found["d"].base == (area.parent / "base/services.yaml",)


@pytest.mark.parametrize(
    ("first_line", "problem"),
    [("a: 1", "line 1 must be"), ('# case: {shows: ""}', "line 1 must be"), ('# case: {shows: "x", flg: 1}', "flg")],
)
def test_headers_that_say_nothing_are_refused(area: Path, first_line: str, problem: str) -> None:
    """A case without a sentence, or with a switch that nobody reads."""
    (area / "x.in.yaml").write_text(first_line)
    with pytest.raises(ValueError, match=problem):
        cases("a")


def test_outputs_without_an_input_are_refused(area: Path) -> None:
    """They would look like a test that nobody runs."""
    (area / "x.in.yaml").write_text('# case: {shows: "x"}')
    (area / "y.out.yaml").write_text("")
    assert [path.name for path in orphans(area)] == ["y.out.yaml"]
    with pytest.raises(ValueError, match="outputs without an input"):
        cases("a")
    with pytest.raises(ValueError, match="no golden case"):
        cases("b")


def test_updating_never_passes_and_is_refused_in_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag ends with a failure, so that no pipeline takes it for a test run."""
    here = Path(__file__).parent
    for name in ("conftest.py", "goldens.py"):
        pytester.path.joinpath(name).write_text(here.joinpath(name).read_text())
    pytester.syspathinsert()
    pytester.makepyfile(test_x="def test_x(): pass")
    monkeypatch.delenv("CI", raising=False)
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.OK
    assert pytester.runpytest_subprocess("--update-golden").ret == pytest.ExitCode.TESTS_FAILED
    monkeypatch.setenv("CI", "true")
    refused = pytester.runpytest_subprocess("--update-golden")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "refused in CI" in refused.stderr.str() + refused.stdout.str()
