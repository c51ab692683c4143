"""Names that were probably meant."""

from __future__ import annotations

import pytest

from tidegate.diagnostics.suggest import did_you_mean, did_you_mean_or_known, nearest

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
    ],
)
def test_nearest_name_within_two_edits(name: str, meant: str | None) -> None:
    """Insertions, deletions, replacements, swaps and another case; short names get one edit."""
    assert nearest(name, FIELDS) == meant
    assert did_you_mean(name, FIELDS) == (f"did you mean `{meant}`?" if meant else "")


def test_first_of_equals_wins() -> None:
    """The order of the candidates decides, so that the answer is always the same."""
    assert nearest("cast", ["cart", "case"]) == "cart"


def test_what_is_known_helps_where_nothing_is_near() -> None:
    assert did_you_mean_or_known("nothing", ("b", "a")) == "known here: a, b"
    assert did_you_mean_or_known("nothing", ()) == ""
    assert did_you_mean_or_known("prot", FIELDS) == "did you mean `port`?"
