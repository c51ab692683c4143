"""What is told of a replica that does not do its part: at its Deployment, with the way out, without secrets."""

from __future__ import annotations

from pathlib import Path

from tidegate.diagnostics import Span
from tidegate.model import ObjectName, Workload
from tidegate.runtime import replica_findings
from tidegate.runtime.processes import ProcessReport
from tidegate.runtime.workloads import Replica

WORKLOAD = Workload(ObjectName("shop", "cart"), ("cart",), "/", 1, (), (), Span("a.yaml", 7, 3, 7, 9))
REPLICA = Replica("shop/cart-0a1b2-0", WORKLOAD, 0)
LOGS = Path("/state/logs")


def test_one_that_ended_is_shown_with_its_last_words_but_no_secret() -> None:
    report = ProcessReport(REPLICA.name, "backing-off", None, 2, "exit code 1", ("password=hunter2", "boom"))
    (found,) = replica_findings.ended(REPLICA, report, logs=LOGS)
    assert found.span == WORKLOAD.span
    assert "ended 3 times in a row (exit code 1)" in found.message
    assert "it said: boom" in found.notes
    assert "hunter2" not in str(found.notes)
    assert str(LOGS) in str(found.help)


def test_one_that_is_silent_is_shown_with_the_port_that_it_was_given() -> None:
    (found,) = replica_findings.silent(REPLICA, port=18000, after_s=30.0, logs=LOGS)
    assert found.span == WORKLOAD.span
    assert "accepts no connection on 127.0.0.1:18000 after 30 s" in found.message
    assert "$PORT" in str(found.help)
