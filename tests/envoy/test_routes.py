"""Routes in Envoy's shape; the goldens in testdata/compilers/routes show them whole."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.envoy import NO_BACKEND
from tidegate.envoy.routes import header_changes, path_rewrite, prefix_path, prefix_rewrite, weighted_clusters

_PATHS = st.from_regex(r"(/[a-z.]{1,3}){0,3}", fullmatch=True)


@pytest.mark.parametrize(("given_", "match"), [("/", {"prefix": "/"}), ("/a", "/a"), ("/a/", "/a"), ("/a/b/", "/a/b")])
def test_a_prefix_goes_by_path_element(given_: str, match: object) -> None:
    """HTTPPathMatch: a trailing slash means nothing; `/` is everything."""
    expected = match if isinstance(match, dict) else {"path_separated_prefix": match}
    assert prefix_path(given_, ignore_case=False) == expected


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


def test_shares_of_one_backend_are_added_up() -> None:
    """Envoy wants each cluster once."""
    made = weighted_clusters([("a", 1), ("b", 2), ("a", 3), ("c", 0)])
    assert made == {"weighted_clusters": {"clusters": [{"name": "a", "weight": 4}, {"name": "b", "weight": 2}]}}


@pytest.mark.parametrize("weights", [[], [("a", 0)], [(None, 1)], [(None, 0)]])
def test_nobody_to_send_to_is_500(weights: list[tuple[str | None, int]]) -> None:
    assert weighted_clusters(weights) == {
        "cluster": NO_BACKEND,
        "cluster_not_found_response_code": "INTERNAL_SERVER_ERROR",
    }


def test_a_percent_sign_is_no_format() -> None:
    """A header value is what the author wrote, never a substitution."""
    made = header_changes("request", overwrite={"a": "%REQ(authorization)%"})
    assert made["request_headers_to_add"][0]["header"]["value"] == "%%REQ(authorization)%%"
