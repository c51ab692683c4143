"""Secrets do not reach a log or a report, whatever they are wrapped in."""

from __future__ import annotations

import io
import json

import pytest
import structlog

from tidegate.clock import ManualClock
from tidegate.telemetry import names
from tidegate.telemetry.logs import configure_logs
from tidegate.telemetry.redaction import REDACTED, redact_fields, redact_text

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"got {TOKEN} back", TOKEN),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "eyJzdWIi"),
        ("Authorization: Bearer opaque-token-1234", "opaque-token-1234"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("client_id=a&client_secret=hunter2&scope=x", "hunter2"),
        ("{'client_secret': 'hunter2'}", "hunter2"),
        ('{"secretText": "hunter2"}', "hunter2"),
        ("Cookie: session=hunter2", "hunter2"),
        ("password = hunter2", "hunter2"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN EC PRIVATE KEY-----\nMIIE", "MIIE"),
    ],
)
def test_a_secret_in_a_text_is_removed(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "text", ["GET /tasks 200", "error[TG1204] backend-port-unknown: ...", "the token service answers"]
)
def test_other_text_stays(text: str) -> None:
    assert redact_text(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    once = redact_text(f"client_secret=hunter2 {TOKEN} Authorization: Bearer abcdefgh")
    assert redact_text(once) == once


def test_fields_are_judged_by_name_and_by_content() -> None:
    fields = {
        "event": names.NACK,
        "code": "TG5101",
        "client_secret": "hunter2",
        "Authorization": "x",
        "nested": {"access_token": "x", "fine": ["plain", TOKEN]},
        "count": 3,
    }
    redacted = redact_fields(None, "info", fields)
    assert redacted["code"] == "TG5101"
    assert redacted["client_secret"] == redacted["Authorization"] == REDACTED
    assert redacted["nested"]["access_token"] == REDACTED
    assert redacted["nested"]["fine"] == ["plain", REDACTED]
    assert redacted["count"] == 3


def test_a_log_line_is_json_with_time_and_level_and_without_secrets() -> None:
    out = io.StringIO()
    configure_logs(clock=ManualClock(), out=out)
    try:
        try:
            raise ValueError(f"token {TOKEN}")
        except ValueError as bug:
            structlog.get_logger().error(names.BUG, exc_info=bug, reason="client_secret=hunter2")
    finally:
        structlog.reset_defaults()
    line = json.loads(out.getvalue())
    assert line["event"] == names.BUG
    assert line["level"] == "error"
    assert line["timestamp"] == "2027-01-15T08:00:00.000+00:00"
    assert TOKEN not in out.getvalue()
    assert "hunter2" not in out.getvalue()
