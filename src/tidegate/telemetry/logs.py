"""Setting up structlog, once per process, by the composition root."""

from __future__ import annotations

import datetime
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from tidegate.clock import Clock
from tidegate.telemetry.redaction import redact_fields


def configure_logs(*, clock: Clock, out: TextIO | None = None) -> None:
    """JSON lines on standard output: the supervisor writes them to the process' log file."""

    def add_time(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        at = datetime.datetime.fromtimestamp(clock.now(), tz=datetime.UTC)
        event["timestamp"] = at.isoformat(timespec="milliseconds")
        return event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            add_time,
            structlog.processors.format_exc_info,
            redact_fields,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=out or sys.stdout),
        cache_logger_on_first_use=True,
    )
