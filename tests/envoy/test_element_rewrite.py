"""Prefixes that are replaced only where they are there."""

from __future__ import annotations

import re

import pytest

from gateway_lab import PREFIXES
from tidegate.envoy.rewrites import element_rewrite


def rewritten(path: str, prefix: str, replacement: str) -> str:
    """As RE2 does it; both know these patterns alike."""
    rewrite = element_rewrite(prefix, replacement).get("regex_rewrite")
    if rewrite is None:
        return path
    return re.sub(rewrite["pattern"]["regex"], rewrite["substitution"], path, count=1)


@pytest.mark.parametrize(("path", "prefix", "replacement", "expected"), PREFIXES)
def test_as_the_table_of_replace_prefix_match(path: str, prefix: str, replacement: str, expected: str) -> None:
    assert rewritten(path, prefix, replacement) == expected


def test_other_paths_stay() -> None:
    assert rewritten("/foobar", "/foo", "/xyz") == "/foobar"
    assert rewritten("/v2/foo", "/foo", "/xyz") == "/v2/foo"
    assert rewritten("/a", "/", "/xyz") == "/xyz/a"
    assert rewritten("/foo/x", "/foo", r"/a\1") == r"/a\1/x"
