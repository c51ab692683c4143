"""The snapshot that is served now, and who waits for the next one."""

from __future__ import annotations

import asyncio

from google.protobuf import any_pb2

from tidegate.envoy import InconsistentSnapshot, JsonObject, ResourceName, Snapshot
from tidegate.envoy.convert import to_any


class SnapshotCache:
    """Holds one whole snapshot at a time. Used from one event loop."""

    def __init__(self) -> None:
        self._current: Snapshot | None = None
        self._changed = asyncio.Event()
        self._encoded: dict[str, dict[str, tuple[str, any_pb2.Any]]] = {}
        """By type URL and name: version and protobuf."""

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
        for table in snapshot.tables:
            known = self._encoded.get(table.type_url, {})
            if self._current is not None and table is self._current.table(table.type_url):
                encoded[table.type_url] = known
            else:
                encoded[table.type_url] = {
                    name: _encoded(known.get(name), version, table.type_url, table.resources[name])
                    for name, version in table.versions.items()
                }
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
        table = snapshot.table(name.type_url)
        known = self._encoded.get(name.type_url, {}).get(name.name)
        return _encoded(known, table.versions[name.name], name.type_url, table.resources[name.name])[1]


def _encoded(
    known: tuple[str, any_pb2.Any] | None, version: str, type_url: str, resource: JsonObject
) -> tuple[str, any_pb2.Any]:
    return known if known is not None and known[0] == version else (version, to_any(type_url, resource))
