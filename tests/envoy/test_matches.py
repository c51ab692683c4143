"""Matches in Envoy's shape; the goldens in testdata/compilers/routes show them whole."""

from __future__ import annotations

import pytest

from tidegate.envoy.matches import prefix_path


@pytest.mark.parametrize(("given_", "match"), [("/", {"prefix": "/"}), ("/a", "/a"), ("/a/", "/a"), ("/a/b/", "/a/b")])
def test_a_prefix_goes_by_path_element(given_: str, match: object) -> None:
    """HTTPPathMatch: a trailing slash means nothing; `/` is everything."""
    expected = match if isinstance(match, dict) else {"path_separated_prefix": match}
    assert prefix_path(given_, ignore_case=False) == expected
