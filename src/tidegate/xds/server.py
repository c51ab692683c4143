"""The gRPC shell: `AdsStream` for every Envoy that connects to the Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import grpc
from envoy.service.discovery.v3 import ads_pb2_grpc, discovery_pb2

from tidegate.envoy import Snapshot
from tidegate.xds.cache import SnapshotCache
from tidegate.xds.messages import Accepted, Effect, Refused, Request, Send, Settled
from tidegate.xds.stream import AdsStream
from tidegate.xds.wire import decode, encode

_MAX_STREAMS: Final = 256
_MAX_REQUEST_BYTES: Final = 8 << 20
_MAX_UNREAD: Final = 64

# How long a client may take to ask for what its new clusters and listeners need before routes go on without it.
_PATIENCE_S: Final = 5.0

# How long a stream may take to end once it was told to.
_FAREWELL_S: Final = 1.0

OnAck: TypeAlias = Callable[[str, Accepted], None]
OnNack: TypeAlias = Callable[[str, Refused], None]
OnSettled: TypeAlias = Callable[[str, Settled], None]


@dataclass(frozen=True, slots=True)
class _Closed:
    """The client has hung up, or we do."""


_Inputs: TypeAlias = asyncio.Queue[tuple[str, Request] | Snapshot | _Closed]


@asynccontextmanager
async def serve_ads(
    cache: SnapshotCache,
    socket_path: Path,
    *,
    on_ack: OnAck,
    on_nack: OnNack,
    on_settled: OnSettled | None = None,
) -> AsyncIterator[None]:
    """Serve `cache` on a Unix socket of mode 0600 for as long as the context lasts.

    Callbacks get the node's id; they run in the event loop and must return at once. `on_settled` says that an Envoy has
    applied all of a snapshot that it did not refuse.
    """
    server = grpc.aio.server(
        options=(
            ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),
        ),
        maximum_concurrent_rpcs=_MAX_STREAMS,
    )
    service = _Service(cache, on_ack=on_ack, on_nack=on_nack, on_settled=on_settled or (lambda _node, _settled: None))
    ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(service, server)
    server.add_insecure_port(f"unix:{socket_path}")
    await server.start()
    try:
        _only_for_us(socket_path)
        yield
    finally:
        service.hang_up()
        await server.stop(grace=_FAREWELL_S)


class _Service(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]  # generated code has no types
    def __init__(self, cache: SnapshotCache, *, on_ack: OnAck, on_nack: OnNack, on_settled: OnSettled) -> None:
        self._cache = cache
        self._on_ack = on_ack
        self._on_nack = on_nack
        self._on_settled = on_settled
        self._stopping = asyncio.Event()

    def hang_up(self) -> None:
        """End every stream after what it is doing now."""
        self._stopping.set()

    async def DeltaAggregatedResources(
        self, request_iterator: AsyncIterator[discovery_pb2.DeltaDiscoveryRequest], context: Any
    ) -> None:
        """One client, from its first request until it hangs up."""
        inputs: _Inputs = asyncio.Queue(_MAX_UNREAD)
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(_read(request_iterator, inputs), name="ads:read")
            watcher = tasks.create_task(self._watch(inputs), name="ads:watch")
            stopper = tasks.create_task(self._stop(inputs), name="ads:stop")
            try:
                await self._converse(inputs, context)
            finally:
                for task in (reader, watcher, stopper):
                    task.cancel()

    async def _watch(self, inputs: _Inputs) -> None:
        snapshot: Snapshot | None = None
        while True:
            snapshot = await self._cache.next(after=snapshot)
            await inputs.put(snapshot)

    async def _stop(self, inputs: _Inputs) -> None:
        await self._stopping.wait()
        await inputs.put(_Closed())

    async def _converse(self, inputs: _Inputs, context: Any) -> None:
        stream = AdsStream()
        node_id = ""
        while True:
            try:
                async with asyncio.timeout(None if stream.settled else _PATIENCE_S):
                    event = await inputs.get()
            except TimeoutError:
                effects = stream.stop_waiting()
            else:
                match event:
                    case _Closed():
                        return
                    case Snapshot():
                        effects = stream.publish(event)
                    case (named, request):
                        # Only the first request of a stream says who is speaking.
                        node_id = node_id or named
                        effects = stream.receive(request)
            for effect in effects:
                await self._perform(effect, node_id, stream, context)

    async def _perform(self, effect: Effect, node_id: str, stream: AdsStream, context: Any) -> None:
        match effect:
            case Send():
                if stream.snapshot is not None:
                    await context.write(encode(effect, stream.snapshot, self._cache))
            case Accepted():
                self._on_ack(node_id, effect)
            case Refused():
                self._on_nack(node_id, effect)
            case Settled():
                self._on_settled(node_id, effect)


def _only_for_us(socket_path: Path) -> None:
    socket_path.chmod(0o600)


async def _read(
    requests: AsyncIterator[discovery_pb2.DeltaDiscoveryRequest],
    inputs: _Inputs,
) -> None:
    async for message in requests:
        await inputs.put((message.node.id, decode(message)))
    await inputs.put(_Closed())
