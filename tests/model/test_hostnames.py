"""Which hosts a hostname stands for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.model.hostnames import covering, covers

_NAMES = st.sampled_from(
    ("*", "*.test", "*.a.test", "*.b.a.test", *("a.test", "b.a.test", "c.b.a.test", "x.test", "other"))
)


def test_covering() -> None:
    """A wildcard covers every host below it, not the name itself."""
    assert covers("*", "a.test")
    assert covers("*.a.test", "c.b.a.test")
    assert covers("*.a.test", "*.b.a.test")
    assert covers("*.a.test", "*.a.test")
    assert not covers("*.a.test", "a.test")
    assert not covers("*.a.test", "ba.test")
    assert not covers("a.test", "*.a.test")
    assert not covers("*.b.a.test", "*.a.test")


@given(_NAMES, _NAMES)
def test_the_names_around_a_name_are_those_that_cover_it(general: str, specific: str) -> None:
    """Looking a name up step by step finds what comparing it with every name does."""
    around = list(covering(specific))
    assert (general in around) == covers(general, specific)
    assert around == sorted(around, key=lambda name: (not name.startswith("*"), len(name)), reverse=True)
