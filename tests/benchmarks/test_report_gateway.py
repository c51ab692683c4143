"""The gateway's section of docs/benchmarks.md."""

from __future__ import annotations

from benchmarks.changes import Change
from benchmarks.continuity import Continuity
from benchmarks.load import Sample
from benchmarks.plain import BY_HAND, TIDEGATE
from benchmarks.report import Latencies
from benchmarks.report_gateway import GatewayResults, section
from benchmarks.size import Amounts, Size
from benchmarks.traffic import Traffic

CHANGE = Change(3000, True, 4.2, Latencies((20.0, 40.0)), 5.0, 6.0)


def test_every_part_has_its_expectation_beside_it() -> None:
    """What was expected stands in the same row as what was measured."""
    plain = {
        TIDEGATE: [Sample(950, 950.0, 1.0, 1.0, 2.0)],
        BY_HAND: [Sample(1000, 1000.0, 1.0, 1.0, 2.0)],
    }
    page = "\n".join(
        section(
            GatewayResults(
                changes=[CHANGE],
                continuity=[Continuity("20 edits of a live route", Traffic(1234, 0, ()), 2.5)],
                size=Size(Amounts(), 30.0, 400.0, 350.0, 900.0, 4321),
                plain=plain,
            )
        )
    )
    assert "| p50 at most 30 ms, p99 at most 100 ms | p50 20 ms, p99 40 ms |" in page
    assert "| 20 edits of a live route | 0 | **0** of 1,234 |" in page
    assert "| below 600 MB | 400 MB, 350 MB |" in page
    assert "| bounded | 4,321 |" in page
    assert f"| {BY_HAND} | 1,000 | at least 0.95 | **0.95** (0.95 to 0.95) |" in page


def test_what_was_not_measured_is_not_told() -> None:
    """A part alone is a section; nothing is none."""
    assert section(GatewayResults()) == []
    alone = "\n".join(section(GatewayResults(changes=[CHANGE])))
    assert "saving a file" in alone
    assert "limits" not in alone
