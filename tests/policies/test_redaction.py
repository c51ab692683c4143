"""Secrets in texts that people read."""

from __future__ import annotations

from tidegate.policies.named_values import NamedValue
from tidegate.policies.redaction import redact

SECRETS = (NamedValue("key", "hunter2", secret=True), NamedValue("short", "a", secret=True))


def test_value_becomes_its_name() -> None:
    """Every occurrence; texts of one or two letters would make nonsense of any sentence."""
    assert redact("a hunter2, hunter2!", SECRETS) == "a {{key}}, {{key}}!"
