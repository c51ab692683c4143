"""Names that were probably meant."""

from __future__ import annotations

import pytest

from tidegate.diagnostics.suggest import did_you_mean

FIELDS = ("hostnames", "rules", "parentRefs", "name", "port")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hostname", "hostnames"),
        ("hostnmaes", "hostnames"),
        ("hotsnmaes", "hostnames"),
        ("parentrefs", "parentRefs"),
        ("parent_refs", "parentRefs"),
        ("NAME", "name"),
        ("prot", "port"),
        ("pot", "port"),
        ("xyz", None),
        ("backendRefs", None),
        ("a", None),
        ("", None),
        ("name", None),
    ],
)
def test_nearest_name_within_two_edits(name: str, meant: str | None) -> None:
    """Insertions, deletions, replacements, swaps and another case; short names get one edit."""
    assert did_you_mean(name, FIELDS) == meant


def test_first_of_equals_wins() -> None:
    """The order of the candidates decides, so that the answer is always the same."""
    assert did_you_mean("cast", ["cart", "case"]) == "cart"
