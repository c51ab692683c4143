"""What is too large, too deep or too many ends with a diagnostic, soon."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tidegate.diagnostics import Found
from tidegate.sources import Source, limits, read_json, read_xml, read_yaml

MANY = 100_000
Reader = Callable[[Source, Found], object]


def said(read: Reader, text: str) -> list[str]:
    """The codes that reading gives, and nothing else."""
    found = Found()
    result = read(Source("a", text), found)
    assert not result or not found.has_errors
    return [diagnostic.code.code for diagnostic in found]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[[],", "&a [", "{? "])
def test_brackets_without_end_in_yaml(opening: str) -> None:
    """A file of nested brackets is refused; PyYAML's own composer would end the process."""
    assert said(read_yaml, opening * MANY)[0] in ("TG1011", "TG1010")


@pytest.mark.parametrize("opening", ["[", '{"a":', "[[],"])
def test_brackets_without_end_in_json(opening: str) -> None:
    """The same in JSON, where the reader recurses but for a limit."""
    assert said(read_json, opening * MANY) == ["TG1011"]


def test_depth_at_the_limit_is_read() -> None:
    """64 levels are fine, 65 are not."""
    for read in (read_yaml, read_json):
        assert said(read, "[" * 64 + "]" * 64) == []
        assert said(read, "[" * 65 + "]" * 65) == ["TG1011"]
    assert said(read_xml, "<a>" * 64 + "</a>" * 64) == []
    assert said(read_xml, "<a>" * 65 + "</a>" * 65) == ["TG1011"]


def test_elements_attributes_and_values_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its limit; those of many values are lowered here, for the test's own time."""
    assert said(read_xml, "<p " + " ".join(f'a{n}=""' for n in range(257)) + "/>") == ["TG1043"]
    monkeypatch.setattr(limits, "NODES", 1_000)
    assert said(read_xml, "<p>" + "<a/>" * 999 + "</p>") == []
    assert said(read_xml, "<p>" + "<a/>" * 1_000 + "</p>") == ["TG1012"]
    assert said(read_yaml, "- 1\n" * 999) == []
    assert said(read_yaml, "- 1\n" * 1_001) == ["TG1012"]
    assert said(read_json, "[" + "1," * 998 + "1]") == []
    assert said(read_json, "[" + "1," * 1_000 + "1]") == ["TG1012"]


@pytest.mark.parametrize("read", [read_yaml, read_json, read_xml])
def test_large_files_and_control_characters(read: Reader) -> None:
    """A text above the limit, and one that no format allows."""
    assert said(read, "é" * (2 * 1024 * 1024 + 1)) == ["TG1002"]
    assert said(read, '["a\x00"]') == ["TG1007"]
    assert said(read, "\ud800") == ["TG1007"]


@pytest.mark.parametrize(
    "text",
    [
        '<p a="@(' + "(" * MANY,
        '<p a="@(' + '$"{' * MANY,
        '<p a="@{' + "{" * MANY + "}" * MANY + '}"/>',
        "<p>" + "@(" * MANY,
        '<p a="' + "&quot;" * MANY + '"/>',
        "<p><![CDATA[" * MANY,
        "<p>" + "<!--" * MANY,
        "<" * MANY,
        '<p a="' * MANY,
        "<p " + "a " * MANY,
        "<p>" + "&amp;" * MANY + "</p>",
        '<p a="@(x' + "&quot;" * MANY,
        "<p>" + "<v>@(&quot;</v>" * 2_000 + "</p>",
    ],
)
def test_unusual_policy_documents_end_soon(text: str) -> None:
    """No shape of a document takes more than the time of its length."""
    assert len(said(read_xml, text)) <= 1


def test_aliases_are_counted_where_they_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small repetitions are as large as one large one."""
    monkeypatch.setattr(limits, "EXPANSION", 300)
    assert said(read_yaml, "a: &a [1, 2]\nb:\n" + "- *a\n" * 100) == []
    assert said(read_yaml, "a: &a [1, 2]\nb:\n" + "- *a\n" * 101) == ["TG1013"]
    assert said(read_yaml, "a: &a {x: 1, z: 2}\nb:\n" + "- <<: *a\n" * 101)[-1] == "TG1013"
