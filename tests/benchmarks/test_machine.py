"""The description of the machine."""

from __future__ import annotations

from benchmarks.machine import description, missing


def test_the_machine_is_described() -> None:
    """Processor, cores, memory and the versions of what is measured are named, whatever is installed."""
    said = description()
    assert {"processor", "cores", "memory", "Envoy", "HAProxy", "wrk"} <= set(said)
    assert all(said.values())


def test_what_is_missing_is_a_known_program() -> None:
    """Only the distribution's programs are asked for."""
    assert set(missing()) <= {"wrk", "haproxy", "taskset"}
