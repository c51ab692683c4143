"""Logs stay bounded, and whole lines come out of pipes."""

from __future__ import annotations

import os
from pathlib import Path

from tidegate.runtime.log_files import LastLines, LineReader, LogFile


def test_a_log_rotates_and_both_files_stay_bounded(tmp_path: Path) -> None:
    path = tmp_path / "envoy.log"
    log = LogFile(path, max_bytes=100)
    for number in range(50):
        log.write(b"line %02d" % number)
    log.close()
    assert path.stat().st_size <= 100
    assert path.with_name("envoy.log.1").stat().st_size <= 100
    assert path.read_bytes().endswith(b"line 49\n")


def test_a_log_goes_on_where_the_last_run_ended(tmp_path: Path) -> None:
    for text in (b"first", b"second"):
        log = LogFile(tmp_path / "a.log")
        log.write(text)
        log.close()
    assert (tmp_path / "a.log").read_bytes() == b"first\nsecond\n"


def test_lines_are_cut_whatever_the_pieces() -> None:
    reading, writing = os.pipe()
    lines: list[bytes] = []
    reader = LineReader(reading, lines.append)
    for piece in (b"on", b"e\ntwo\nthr", b"ee"):
        os.write(writing, piece)
        assert reader.read()
    assert lines == [b"one", b"two"]
    os.close(writing)
    assert not reader.read()
    assert lines == [b"one", b"two", b"three"]
    os.close(reading)


def test_a_line_without_end_does_not_grow_for_ever() -> None:
    reading, writing = os.pipe()
    lines: list[bytes] = []
    reader = LineReader(reading, lines.append)
    os.write(writing, b"x" * 40_000)
    reader.read()
    assert sum(map(len, lines)) == 40_000
    os.close(writing)
    os.close(reading)


def test_last_lines_forgets_the_old_ones() -> None:
    last = LastLines(count=2)
    for line in (b"a", b"", b"b", b"c"):
        last.add(line)
    assert list(last) == ["b", "c"]
