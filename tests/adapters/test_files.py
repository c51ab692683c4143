"""Discovering and reading input files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.adapters import files
from tidegate.adapters.files import is_input, read_sources
from tidegate.diagnostics import Found
from tidegate.sources import SourceSet, read_json, read_xml, read_yaml


def read(
    root: Path, *paths: str, sets: dict[str, str] | None = None, skip: tuple[str, ...] = ()
) -> tuple[SourceSet, list[str]]:
    """The sources below a working directory, and the findings in concise form."""
    found = Found()
    sources = read_sources(paths or ("in",), sets=sets or {}, found=found, skip=skip, working_directory=root)
    return sources, [diagnostic.concise() for diagnostic in found]


def write(root: Path, name: str, content: str | bytes = "a: 1\n") -> Path:
    """A file with its directories."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_reads_every_input_below_a_directory_in_order(tmp_path: Path) -> None:
    """All four suffixes at any depth, named relative to the working directory."""
    for name in ("in/b.yml", "in/a.yaml", "in/apis/shop/policy.xml", "in/apis/shop/info.json", "in/README.md"):
        write(tmp_path, name)
    sources, said = read(tmp_path)
    assert list(sources.files) == ["in/a.yaml", "in/apis/shop/info.json", "in/apis/shop/policy.xml", "in/b.yml"]
    assert sources.files["in/a.yaml"].text == "a: 1\n"
    assert sources.roots == ("in",)
    assert said == []


def test_skips_dot_directories_and_installed_packages(tmp_path: Path) -> None:
    """State, environments and caches hold no inputs; editors' locks are no inputs either."""
    for name in (
        ".git/a.yaml",
        ".venv/a.yaml",
        "node_modules/p/package.json",
        "__pycache__/a.json",
        "state/a.yaml",
        "b.yaml",
    ):
        write(tmp_path, f"in/{name}")
    (tmp_path / "in/.#b.yaml").symlink_to("nowhere")
    sources, said = read(tmp_path, skip=("in/state",))
    assert list(sources.files) == ["in/b.yaml"]
    assert said == []


def test_follows_links_once(tmp_path: Path) -> None:
    """A loop of links ends; a directory reached twice is read once, and the skipped one never."""
    write(tmp_path, "in/a.yaml")
    write(tmp_path, "elsewhere/b.yaml")
    write(tmp_path, "state/c.yaml")
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/x").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/y").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in/z").symlink_to(tmp_path / "state")
    sources, said = read(tmp_path, skip=("state",))
    assert list(sources.files) == ["in/a.yaml", "in/x/b.yaml"]
    assert said == []


def test_single_file_and_overlapping_paths(tmp_path: Path) -> None:
    """A file may be given itself; what two paths share is read once."""
    write(tmp_path, "in/a.yaml")
    sources, said = read(tmp_path, "in/a.yaml", "in", "./in/")
    assert list(sources.files) == ["in/a.yaml"]
    assert said == []


def test_path_outside_of_the_working_directory_is_absolute(tmp_path: Path) -> None:
    """Spans of files elsewhere name them in full."""
    outside = write(tmp_path, "other/a.yaml")
    (tmp_path / "here").mkdir()
    sources, _ = read(tmp_path / "here", "../other")
    assert list(sources.files) == [str(outside)]


def test_missing_path_and_path_without_inputs(tmp_path: Path) -> None:
    """Both are said, and the other paths are read."""
    write(tmp_path, "docs/README.md")
    write(tmp_path, "in/a.yaml")
    sources, said = read(tmp_path, "nowhere", "docs", "docs/README.md", "in", "in/a.yaml/b")
    assert list(sources.files) == ["in/a.yaml"]
    assert said == [
        "error[TG1004] path-missing: nowhere does not exist",
        "warning[TG1009] path-without-inputs: docs holds no .yaml, .yml, .json or .xml file",
        "warning[TG1009] path-without-inputs: docs/README.md holds no .yaml, .yml, .json or .xml file",
        "error[TG1004] path-missing: in/a.yaml/b does not exist",
    ]


def test_byte_order_mark_is_accepted_and_dropped(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    write(tmp_path, "in/a.yaml", b"\xef\xbb\xbfa: 1")
    sources, said = read(tmp_path)
    assert sources.files["in/a.yaml"].text == "a: 1"
    assert said == []


def test_files_that_are_no_text(tmp_path: Path) -> None:
    """UTF-16 and broken UTF-8 are named with the byte; the rest is read."""
    write(tmp_path, "in/a.yaml", "a: 1".encode("utf-16"))
    write(tmp_path, "in/b.yaml", b"\xef\xbb\xbfab\xffc")
    write(tmp_path, "in/c.yaml")
    sources, said = read(tmp_path)
    assert list(sources.files) == ["in/c.yaml"]
    assert said == [
        "in/a.yaml:1:1: error[TG1003] file-not-text: in/a.yaml is not UTF-8 text: it is UTF-16",
        "in/b.yaml:1:1: error[TG1003] file-not-text: in/b.yaml is not UTF-8 text: "
        "byte 0xFF at offset 5 begins no character",
    ]


def test_dangling_link_and_pipe_are_unreadable(tmp_path: Path) -> None:
    """Neither blocks nor hides the others."""
    write(tmp_path, "in/a.yaml")
    (tmp_path / "in/b.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "in/c.yaml")
    sources, said = read(tmp_path)
    assert list(sources.files) == ["in/a.yaml"]
    assert said == [
        "in/b.yaml:1:1: error[TG1001] file-unreadable: in/b.yaml cannot be read: no such file or directory",
        "in/c.yaml:1:1: error[TG1001] file-unreadable: in/c.yaml cannot be read: it is no regular file",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_and_directory(tmp_path: Path) -> None:
    """What the user may not read is said."""
    write(tmp_path, "in/a.yaml").chmod(0)
    write(tmp_path, "in/closed/b.yaml").parent.chmod(0)
    _, said = read(tmp_path)
    assert [line.split(":")[0] for line in said] == ["in/a.yaml", "in/closed"]


def test_limits_of_size_and_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One large file is left out; too many files or bytes end the reading, and both are said."""
    write(tmp_path, "in/a.yaml", "#" * (4 * 1024 * 1024 + 1))
    write(tmp_path, "in/b.yaml")
    write(tmp_path, "in/c.yaml")
    sources, said = read(tmp_path)
    assert list(sources.files) == ["in/b.yaml", "in/c.yaml"]
    assert said == [
        "in/a.yaml:1:1: error[TG1002] file-too-large: in/a.yaml has 4194305 bytes; at most 4194304 are read"
    ]
    monkeypatch.setattr(files, "MAX_FILES", 1)
    assert read(tmp_path)[1][-1] == "error[TG1005] too-many-files: in holds more than 1 input files"
    monkeypatch.setattr(files, "MAX_ENTRIES", 2)
    assert read(tmp_path)[1][-1] == "error[TG1005] too-many-files: in holds more than 2 input files"
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 8)
    monkeypatch.setattr(files, "MAX_FILES", 10)
    monkeypatch.setattr(files, "MAX_ENTRIES", 10)
    assert read(tmp_path)[1][-1] == "error[TG1006] inputs-too-large: the inputs have more than 8 bytes together"


def test_values_file_beside_the_inputs(tmp_path: Path) -> None:
    """values.env gives values, `--set` wins over it, comments and quotes are understood."""
    write(tmp_path, "in/values.env", "# hosts\nHOST=shop.example\n\n PORT = 1\nNAME='a b'\nEMPTY=\nURL=a=b#c\n")
    write(tmp_path, "in/a.yaml")
    sources, said = read(tmp_path, "in/a.yaml", sets={"HOST": "other.example"})
    assert sources.values == {"HOST": "other.example", "NAME": "a b", "EMPTY": "", "URL": "a=b#c"}
    assert said == ["in/values.env:4:2: error[TG1008] values-line-malformed: line 4 of in/values.env is not NAME=value"]


def test_value_given_twice_is_refused(tmp_path: Path) -> None:
    """The second of two equal names has no say."""
    write(tmp_path, "in/values.env", "A=1\nA=2")
    write(tmp_path, "in/a.yaml")
    sources, said = read(tmp_path)
    assert sources.values == {"A": "1"}
    assert said == ["in/values.env:2:1: error[TG1014] duplicate-key: the key `A` is given twice"]


def test_inputs_are_known_by_name_for_watching() -> None:
    """A watcher asks the same question as the reader."""
    root = Path("/home/.hidden/in")
    assert is_input(root / "apis/policy.xml", below=root)
    assert is_input(root / "values.env", below=root)
    assert not is_input(root / ".git/a.yaml", below=root)
    assert not is_input(root / "node_modules/a/package.json", below=root)
    assert not is_input(root / ".#a.yaml", below=root)
    assert not is_input(root / "a.yaml~", below=root)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the disk holds, reading ends with values or diagnostics."""
    root = tmp_path_factory.mktemp("any")
    for name in ("a.yaml", "a.json", "a.xml", "values.env"):
        write(root, name, content)
    found = Found()
    sources = read_sources(["."], sets={}, found=found, working_directory=root)
    for source in sources:
        read_yaml(source, found, sources.values)
        read_json(source, found)
        read_xml(source, found)
    assert all(diagnostic.concise() for diagnostic in found)
