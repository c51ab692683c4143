"""Rewriting of paths; the goldens in testdata/compilers/routes show them whole."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tidegate.envoy.rewrites import path_rewrite, prefix_rewrite, whole_path_rewrite

_PATHS = st.from_regex(r"(/[a-z.]{1,3}){0,3}", fullmatch=True)


@given(prefix=_PATHS, replacement=_PATHS, rest=_PATHS)
def test_rewriting_replaces_the_prefix_and_keeps_the_rest(prefix: str, replacement: str, rest: str) -> None:
    """Both spellings agree, and a path begins with exactly one slash."""
    path = (prefix + rest) or "/"
    expected = (replacement + rest) or "/"
    for made in (prefix_rewrite(prefix, replacement), path_rewrite(prefix, replacement, ignore_case=False)):
        got = _apply(made, prefix, path)
        assert got.rstrip("/") == expected.rstrip("/")
        assert got.startswith("/")
        assert "//" not in got


def _apply(rewrite: dict[str, object], prefix: str, path: str) -> str:
    """What Envoy does."""
    if "prefix_rewrite" in rewrite:
        return str(rewrite["prefix_rewrite"]) + path.removeprefix(prefix or "/")
    if "regex_rewrite" in rewrite:
        regex = rewrite["regex_rewrite"]
        return re.sub(regex["pattern"]["regex"], regex["substitution"], path)  # type: ignore[index]  # a JSON object
    return path


@given(replacement=_PATHS, path=_PATHS)
def test_a_whole_path_is_replaced_once(replacement: str, path: str) -> None:
    """Whatever it was; an empty one is the root."""
    assert _apply(whole_path_rewrite(replacement), "", path or "/") == (replacement or "/")
