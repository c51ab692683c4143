"""The counters that all of Envoy's workers share: made before Envoy starts, their locks freed before each new start.

The imports are inside: the supervisor needs this only when Envoy was killed, and starts faster without.
"""

from __future__ import annotations

from pathlib import Path


def prepare_counters(path: Path) -> None:
    """Create the file if it is not there. Only while no Envoy runs."""
    from tidegate.policies.shared_memory import create

    create(path)


def free_locks(path: Path) -> None:
    """An Envoy that was killed may have held some; the counts stay."""
    from tidegate.policies.shared_memory import reset_locks

    reset_locks(path)
