"""The files that all of Envoy's workers share: made before Envoy starts, their locks freed before each new start.

The imports are inside: the supervisor needs this only when Envoy was killed, and starts faster without.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Final

_KEEP_EVERY_S: Final = 1.0
"""What was counted for so long may be forgotten when the machine loses power; nothing when only processes end."""


def prepare_counters(path: Path) -> None:
    """Create the file if it is not there. Only while no Envoy runs."""
    from tidegate.policies.shared_memory import create

    create(path)


def free_locks(path: Path) -> None:
    """An Envoy that was killed may have held some; the counts stay."""
    from tidegate.policies.shared_memory import reset_locks

    reset_locks(path)


async def keep_quotas(path: Path) -> None:
    """Write to the disk what quotas have counted, every second, until cancelled."""
    from tidegate.policies.shared_memory import QUOTAS

    while True:
        await asyncio.sleep(_KEEP_EVERY_S)
        await asyncio.to_thread(_to_disk, QUOTAS.below(path))


def _to_disk(file: Path) -> None:
    # fsync writes what a mapping has changed, too.
    opened = os.open(file, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
