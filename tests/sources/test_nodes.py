"""Located values."""

from __future__ import annotations

from tidegate.diagnostics import Found, Span
from tidegate.sources import Mapping, Source, read_yaml
from tidegate.sources.nodes import at, to_plain

(NODE,) = read_yaml(Source("a", "rules:\n  - port: 80\n    host: x\n  - []\n"), Found())


def test_places_by_path_and_the_deepest_part_that_exists() -> None:
    """What a schema complains about may not be there."""
    assert at(NODE, "rules", 0, "port") == Span("a", 2, 11, 2, 13)
    assert at(NODE, "rules", 0, "name", "first") == Span("a", 2, 5, 3, 12)
    assert at(NODE, "rules", 7) == Span("a", 2, 3, 4, 7)
    assert at(NODE, "rules", "port") == at(NODE, "rules")
    assert at(NODE, 0) == at(NODE) == Span("a", 1, 1, 4, 7)


def test_plain_values_and_lookups() -> None:
    """Without places, for schemas."""
    assert to_plain(NODE) == {"rules": [{"port": 80, "host": "x"}, []]}
    assert isinstance(NODE, Mapping)
    assert NODE.get("rules") is NODE.entries["rules"].node
    assert NODE.get("other") is None
