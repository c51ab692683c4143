"""Graph's times."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.objects import AnyObject


def epoch(text: str | None, owner: AnyObject, *path: str | int, found: Found) -> float | None:
    """Seconds since the epoch of an RFC 3339 time; None when absent or (with a finding) unreadable."""
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        found.add(
            codes.TIMESTAMP, at=owner.at(*path), subject=owner.key, field=str(path[-1]), got=text, label="not a time"
        )
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
