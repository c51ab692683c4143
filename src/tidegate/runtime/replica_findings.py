"""What the user is told of a local replica that does not do its part, at the Deployment's own line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes.config import WORKLOAD_ENDED, WORKLOAD_SILENT
from tidegate.runtime.processes import ProcessReport
from tidegate.runtime.readiness import LOOPBACK
from tidegate.runtime.workloads import Replica
from tidegate.telemetry.redaction import redact_text

RESTARTS_TOLD: Final = 3
_LINES_SHOWN: Final = 5


def ended(replica: Replica, report: ProcessReport, *, logs: Path) -> Found:
    """It ended so often in a row that it will probably not run."""
    found = Found()
    found.add(
        WORKLOAD_ENDED,
        at=replica.workload.span,
        name=replica.workload.name,
        times=RESTARTS_TOLD,
        how=report.exit_status,
        notes=[f"it said: {redact_text(line)}" for line in report.last_lines[-_LINES_SHOWN:]],
        help=f"its whole log is in {logs}",
    )
    return found


def silent(replica: Replica, *, port: int, after_s: float, logs: Path) -> Found:
    """It runs, and nobody waits for it any more."""
    found = Found()
    found.add(
        WORKLOAD_SILENT,
        at=replica.workload.span,
        name=replica.workload.name,
        address=f"{LOOPBACK}:{port}",
        after=f"{after_s:.0f}",
        help=f"its command must listen on {LOOPBACK} and the port in $PORT; its log is in {logs}",
    )
    return found
