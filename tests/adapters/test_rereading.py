"""Reading again: only what changed, and never less than what is there."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.adapters.files import read_sources
from tidegate.adapters.rereading import Inputs, Rereader
from tidegate.diagnostics import Found
from tidegate.sources import SourceSet


def rereader(root: Path, *paths: str) -> Rereader:
    """Over paths of a working directory."""
    return Rereader(Inputs(paths or ("in",), {}, (), root))


def fresh(root: Path) -> SourceSet:
    """What reading everything anew gives."""
    return read_sources(["in"], sets={}, found=Found(), working_directory=root)


def texts(sources: SourceSet) -> dict[str, str]:
    """Every text by path, in order."""
    return {source.path: source.text for source in sources}


def write(root: Path, name: str, text: str) -> Path:
    """A file with its directories."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_an_edit_is_read_and_nothing_else_is(tmp_path: Path) -> None:
    """The other files keep their very Source; the edited one has its new text."""
    write(tmp_path, "in/a.yaml", "a: 1\n")
    edited = write(tmp_path, "in/b.yaml", "b: 1\n")
    reader = rereader(tmp_path)
    before, _ = reader.read_all()
    edited.write_text("b: 2\n")
    after, found = reader.read_changed([edited])
    assert texts(after) == {"in/a.yaml": "a: 1\n", "in/b.yaml": "b: 2\n"}
    assert after.files["in/a.yaml"] is before.files["in/a.yaml"]
    assert found == ()


def test_new_and_removed_files_come_and_go(tmp_path: Path) -> None:
    """Also in the order of their paths."""
    write(tmp_path, "in/m.yaml", "m: 1\n")
    gone = write(tmp_path, "in/z.yaml", "z: 1\n")
    reader = rereader(tmp_path)
    reader.read_all()
    new = write(tmp_path, "in/a.yaml", "a: 1\n")
    gone.unlink()
    after, _ = reader.read_changed([new, gone])
    assert list(after.files) == ["in/a.yaml", "in/m.yaml"]


def test_a_folder_that_came_is_read_whole(tmp_path: Path) -> None:
    """A folder's own event says nothing of what is in it."""
    write(tmp_path, "in/a.yaml", "a: 1\n")
    reader = rereader(tmp_path)
    reader.read_all()
    write(tmp_path, "in/sub/b.yaml", "b: 1\n")
    after, _ = reader.read_changed([tmp_path / "in" / "sub"])
    assert list(after.files) == ["in/a.yaml", "in/sub/b.yaml"]


def test_an_unreadable_file_is_told_as_before(tmp_path: Path) -> None:
    """What is wrong with one file is found by reading all, and goes when it is mended."""
    path = write(tmp_path, "in/a.yaml", "a: 1\n")
    write(tmp_path, "in/b.yaml", "b: 1\n")
    reader = rereader(tmp_path)
    reader.read_all()
    path.write_bytes(b"\xff\xfe")
    sources, found = reader.read_changed([path])
    assert [each.code.slug for each in found] == ["file-not-text"]
    assert sources.hides("in/a.yaml")
    path.write_text("a: 2\n")
    sources, found = reader.read_changed([path])
    assert texts(sources)["in/a.yaml"] == "a: 2\n"
    assert found == ()


def test_values_change_everything(tmp_path: Path) -> None:
    """values.env beside a path is part of every file."""
    write(tmp_path, "in/a.yaml", "a: ${X}\n")
    values = write(tmp_path, "in/values.env", "X=1\n")
    reader = rereader(tmp_path)
    assert reader.read_all()[0].values == {"X": "1"}
    values.write_text("X=2\n")
    assert reader.read_changed([values])[0].values == {"X": "2"}


def test_what_no_event_told_is_found_by_looking_at_everything(tmp_path: Path) -> None:
    """Also when size and time of the last change look as before."""
    path = write(tmp_path, "in/a.yaml", "a: 1\n")
    reader = rereader(tmp_path)
    reader.read_all()
    times = path.stat()
    path.write_text("a: 2\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert texts(reader.read_all()[0]) == {"in/a.yaml": "a: 2\n"}


def test_the_same_text_saved_again_keeps_its_source(tmp_path: Path) -> None:
    """An editor that saves without a change causes no work."""
    path = write(tmp_path, "in/a.yaml", "a: 1\n")
    reader = rereader(tmp_path)
    before, _ = reader.read_all()
    path.write_text("a: 1\n")
    after, _ = reader.read_changed([path])
    assert after.files["in/a.yaml"] is before.files["in/a.yaml"]


_NAMES = st.sampled_from(["a.yaml", "b.yml", "c.json", "d.txt", "sub/e.yaml", "values.env"])
_EDITS = st.lists(st.tuples(_NAMES, st.none() | st.sampled_from(["x: 1\n", "x: 2\n", "{}"])), max_size=12)


@settings(max_examples=40, deadline=None)
@given(edits=_EDITS)
def test_following_events_equals_reading_anew(tmp_path_factory, edits: list[tuple[str, str | None]]) -> None:  # type: ignore[no-untyped-def]  # pytest's factory
    """Whatever comes, changes and goes."""
    root = tmp_path_factory.mktemp("inputs")
    write(root, "in/keep.yaml", "keep: 1\n")
    reader = rereader(root)
    reader.read_all()
    for name, text in edits:
        path = root / "in" / name
        new_folder = not path.parent.exists()
        if text is None:
            path.unlink(missing_ok=True)
        else:
            write(root, f"in/{name}", "X=1\n" if name.endswith(".env") else text)
        sources, _ = reader.read_changed([path.parent, path] if new_folder else [path])
        expected = fresh(root)
        assert texts(sources) == texts(expected)
        assert sources.values == expected.values
