"""Did you mean."""

from __future__ import annotations

import pytest

from tidegate.manifests.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("listener", ["listeners", "addresses"], "listeners"),
        ("httproute", ["HTTPRoute", "TCPRoute"], "HTTPRoute"),
        ("prot", ["port", "protocol"], "port"),
        ("fiel", ["file", "field"], "field"),
        ("weight", ["port", "name"], None),
        ("a", ["b"], None),
        ("kind", [], None),
    ],
)
def test_nearest_name(name: str, known: list[str], found: str | None) -> None:
    """Within two edits (a swap is one), and never a different short word."""
    assert nearest(name, known) == found
    assert did_you_mean(name, known) == (f"did you mean `{found}`?" if found else "")
