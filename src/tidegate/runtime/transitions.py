"""`lastTransitionTime` of conditions: compiling knows no clock, so the shell remembers when a status became another.

Kubernetes API conventions, "Typical status properties": the time of the last change of `status`, not of its message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any


class TransitionTimes:
    """What each condition said when it was last looked at, and since when it says so."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, str]] = {}

    def stamp(self, items: list[dict[str, Any]], *, changed_at: float) -> None:
        """Write the times into the conditions of these objects; what is new or different changed at `changed_at`.

        `changed_at` is in epoch seconds: when anything was last compiled, accepted or refused.
        """
        now = datetime.fromtimestamp(changed_at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        seen: dict[str, tuple[str, str]] = {}
        for item in items:
            metadata = item.get("metadata", {})
            own = f"{item.get('apiVersion')} {item.get('kind')} {metadata.get('namespace')}/{metadata.get('name')}"
            for place, condition in _conditions(item.get("status"), own):
                status = str(condition.get("status"))
                before = self._seen.get(place)
                seen[place] = before if before is not None and before[0] == status else (status, now)
                condition["lastTransitionTime"] = seen[place][1]
        self._seen = seen


def _conditions(value: object, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for index, one in enumerate(value):
            if isinstance(one, dict) and "type" in one and "lastTransitionTime" in one:
                yield f"{place}/{one['type']}", one
            else:
                name = one.get("name", index) if isinstance(one, Mapping) else index
                yield from _conditions(one, f"{place}/{name}")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _conditions(one, f"{place}/{key}")
