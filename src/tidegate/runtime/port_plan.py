"""Ports of local replicas, kept across restarts: a new control process finds the replicas where they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tidegate.files import write_private_file
from tidegate.runtime.ports import refusal

FIRST_PORT: Final = 18_000
LAST_PORT: Final = 29_999
"""Below the ports that Linux gives to outgoing connections (32768 and up), so that none of those is in the way."""

_LOOPBACK: Final = "127.0.0.1"


class NoFreePort(Exception):
    """Every port of the range is taken."""


class PortPlan:
    """Replica name -> port."""

    def __init__(self, file: Path, *, seed: int, is_free: Callable[[int], bool] | None = None) -> None:
        self._file = file
        # Two instances on one machine begin to look in different places.
        self._next = FIRST_PORT + seed % (LAST_PORT - FIRST_PORT + 1)
        self._is_free = is_free or (lambda port: refusal(_LOOPBACK, port) is None)
        self._ports = _read(file)

    def assign(self, replicas: tuple[str, ...], *, running: frozenset[str]) -> Mapping[str, int]:
        """A port for each name: the one it had, or a free one. Names not given are forgotten.

        The port of a replica in `running` is in use by itself; any other kept port is asked for again, since somebody
        else may have taken it while nothing ran. Raises NoFreePort.
        """
        kept: dict[str, int] = {}
        for name in replicas:
            port = self._ports.get(name)
            if port is not None and port not in kept.values() and (name in running or self._is_free(port)):
                kept[name] = port
        for name in replicas:
            if name not in kept:
                kept[name] = self._free_port(taken=frozenset(kept.values()))
        plan = {name: kept[name] for name in replicas}
        if plan != self._ports:
            self._ports = plan
            write_private_file(self._file, json.dumps(plan, indent=1).encode() + b"\n")
        return plan

    def _free_port(self, *, taken: frozenset[int]) -> int:
        for _ in range(LAST_PORT - FIRST_PORT + 1):
            port, self._next = self._next, self._next + 1 if self._next < LAST_PORT else FIRST_PORT
            if port not in taken and self._is_free(port):
                return port
        raise NoFreePort(f"no free port between {FIRST_PORT} and {LAST_PORT} for a local replica")


def _read(file: Path) -> dict[str, int]:
    """A plan that cannot be read is no plan: replicas get new ports."""
    try:
        plan = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(plan, dict):
        return {}
    return {name: port for name, port in plan.items() if isinstance(port, int) and FIRST_PORT <= port <= LAST_PORT}
