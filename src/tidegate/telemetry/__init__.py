"""Logs: their set-up, the names of their events and keys, and what never appears in them.

Reading order: `names`, `redaction`, `logs`. The pure packages never log; they return facts.
"""

from tidegate.telemetry.redaction import redact_text

__all__ = ["redact_text"]
