"""The counters that all of Envoy's workers share: made before Envoy starts, their locks freed before each start."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def prepare_counters(path: Path) -> None:
    """Create the file if it is not there."""
    if importlib.util.find_spec("tidegate.policies.shared_memory") is None:
        return
    from tidegate.policies.shared_memory import create

    create(path)


def free_locks(path: Path) -> None:
    """A killed Envoy may have held some; the counts stay."""
    if importlib.util.find_spec("tidegate.policies.shared_memory") is None:
        return
    from tidegate.policies.shared_memory import reset_locks

    reset_locks(path)
