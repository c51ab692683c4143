"""One connection that asks until the answer is good."""

from __future__ import annotations

from benchmarks.probe import Answer, Probe


def test_a_probe_asks_until_the_answer_is_good(port: int) -> None:
    """Status and headers of each answer; the host is what was asked for."""
    probe = Probe(port)
    assert probe.ask("/x", host="a.test").status == 418
    seen: list[Answer] = []
    probe.until("/", host="a.test", good=lambda answer: len(_kept(seen, answer)) == 3, what="three")
    assert seen[-1].headers["x-host"] == "a.test"
    probe.close()


def _kept(seen: list[Answer], answer: Answer) -> list[Answer]:
    seen.append(answer)
    return seen
