"""When conditions changed."""

from __future__ import annotations

from typing import Any

from tidegate.runtime.transitions import TransitionTimes


def gateway(programmed: str, *, message: str = "") -> dict[str, Any]:
    def condition() -> dict[str, Any]:
        return {
            "type": "Programmed",
            "status": programmed,
            "message": message,
            "lastTransitionTime": "1970-01-01T00:00:00Z",
        }

    return {
        "kind": "Gateway",
        "metadata": {"namespace": "shop", "name": "edge"},
        "status": {"conditions": [condition()], "listeners": [{"name": "http", "conditions": [condition()]}]},
    }


def times(item: dict[str, Any]) -> set[str]:
    found = {one["lastTransitionTime"] for one in item["status"]["conditions"]}
    return found | {one["lastTransitionTime"] for one in item["status"]["listeners"][0]["conditions"]}


def test_a_condition_keeps_its_time_until_its_status_is_another() -> None:
    """A new message is no transition; an object that went and came back is new."""
    known = TransitionTimes()

    def seen(item: dict[str, Any], *, at: float) -> set[str]:
        known.stamp([item], changed_at=at)
        return times(item)

    assert seen(gateway("False"), at=1_800_000_000) == {"2027-01-15T08:00:00Z"}
    assert seen(gateway("False", message="still"), at=1_800_000_060) == {"2027-01-15T08:00:00Z"}
    assert seen(gateway("True"), at=1_800_000_120) == {"2027-01-15T08:02:00Z"}
    known.stamp([], changed_at=1_800_000_180)
    assert seen(gateway("True"), at=1_800_000_240) == {"2027-01-15T08:04:00Z"}


def test_objects_without_conditions_are_left_alone() -> None:
    item: dict[str, Any] = {"kind": "Service", "metadata": {"name": "cart"}}
    TransitionTimes().stamp([item], changed_at=0)
    assert item == {"kind": "Service", "metadata": {"name": "cart"}}
