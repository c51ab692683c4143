"""The snapshot that is served now, and who waits for the next one."""

from __future__ import annotations

import asyncio

from google.protobuf import any_pb2

from tidegate.envoy import InconsistentSnapshot, ResourceName, Snapshot
from tidegate.envoy.convert import to_any


class SnapshotCache:
    """Holds one whole snapshot at a time. Used from one event loop."""

    def __init__(self) -> None:
        self._current: Snapshot | None = None
        self._changed = asyncio.Event()
        self._encoded: dict[tuple[ResourceName, str], any_pb2.Any] = {}

    @property
    def current(self) -> Snapshot | None:
        """The snapshot that is served; None before the first."""
        return self._current

    def publish(self, snapshot: Snapshot) -> bool:
        """Serve this snapshot from now on. False if it is the one that is served already.

        Raises InconsistentSnapshot if secrets are missing, ValueError if a resource is not Envoy's: then nothing
        changes.
        """
        if snapshot.external_secrets:
            raise InconsistentSnapshot(f"the secrets {sorted(snapshot.external_secrets)} have not been added")
        if self._current is not None and self._current.digest == snapshot.digest:
            return False
        encoded = {}
        for name, resource in snapshot:
            key = (name, snapshot.versions[name])
            encoded[key] = self._encoded.get(key) or to_any(name.type_url, resource)
        self._encoded = encoded
        self._current = snapshot
        self._changed.set()
        self._changed = asyncio.Event()
        return True

    async def next(self, after: Snapshot | None) -> Snapshot:
        """The current snapshot, as soon as there is one that is not `after`."""
        while self._current is None or self._current is after:
            await self._changed.wait()
        return self._current

    def encoded(self, name: ResourceName, snapshot: Snapshot) -> any_pb2.Any:
        """A resource of a snapshot as protobuf; encoded once while it is served."""
        known = self._encoded.get((name, snapshot.versions[name]))
        return known if known is not None else to_any(name.type_url, snapshot.resources[name.type_url][name.name])
