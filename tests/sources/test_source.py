"""Positions in texts."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Span
from tidegate.sources import Source, SourceSet


def test_lines_end_as_editors_count_them() -> None:
    """LF, CR LF and CR end a line; other separators of Unicode do not."""
    source = Source("a", "a\r\nb\rc\n\u2028d")
    assert [source.position(offset) for offset in (0, 3, 5, 7, 8)] == [(1, 1), (2, 1), (3, 1), (4, 1), (4, 2)]
    assert source.cut(source.span(3, 8)) == "b\rc\n\u2028"


def test_texts_inside_files_count_from_there() -> None:
    """Lines and columns before the text are the file's."""
    source = Source("a", "ab\ncd", lines_before=3, columns_before=2)
    assert source.span(1, 4) == Span("a", 4, 4, 5, 4)
    assert source.cut(source.span(1, 4)) == "b\nc"


def test_the_digest_is_the_texts() -> None:
    """Whatever the file is called; halves of surrogate pairs do not matter."""
    assert Source("a", "x\ud800").digest == Source("b", "x\ud800").digest != Source("a", "x").digest


def test_sources_come_in_the_order_of_their_paths() -> None:
    """Reading the same files gives the same bytes."""
    sources = SourceSet({path: Source(path, "") for path in ("b", "a")})
    assert [source.path for source in sources] == ["a", "b"]


@pytest.mark.parametrize(("path", "hidden"), [("in/a", True), ("in/a/b", True), ("in/ab", False), ("other", False)])
def test_what_could_not_be_read_is_not_deleted(path: str, hidden: bool) -> None:
    """A folder hides what it holds; a reading that stopped hides everything."""
    assert SourceSet(unreadable=frozenset({"in/a"})).hides(path) is hidden
    assert SourceSet(unreadable=frozenset({""})).hides(path)
