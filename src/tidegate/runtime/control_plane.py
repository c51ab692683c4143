"""The control process' second half: the reload loop and everyone who wakes it."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tidegate.adapters.issuers import Issuers
from tidegate.adapters.token_service import TokenServiceClient
from tidegate.adapters.watching import changes
from tidegate.clock import Clock
from tidegate.config import child_environment
from tidegate.runtime.channel import Channel
from tidegate.runtime.compiler import Compiler, settings_of
from tidegate.runtime.counters import keep_quotas
from tidegate.runtime.issuer_watch import IssuerWatch
from tidegate.runtime.operations import operations
from tidegate.runtime.operator_server import serve_operator
from tidegate.runtime.options import UpOptions
from tidegate.runtime.port_plan import PortPlan
from tidegate.runtime.process_plan import ProcessPlan
from tidegate.runtime.processes import ProcessReport, ProcessSpec
from tidegate.runtime.proofs import ProofKeeper
from tidegate.runtime.readiness import Readiness
from tidegate.runtime.reconciler import Parts, Reconciler
from tidegate.runtime.replicas import ReplicaPlanner
from tidegate.runtime.reporter import Reporter
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.workloads import Surroundings
from tidegate.xds import Refused, Settled, SnapshotCache

Connect = Callable[[Callable[[str, Refused], None], Callable[[str, Settled], None]], None]


async def run_control_plane(
    options: UpOptions,
    *,
    state: StateDirectory,
    channel: Channel,
    cache: SnapshotCache,
    envoy: ProcessSpec,
    beside: tuple[ProcessSpec, ...],
    clock: Clock,
    serving: bool,
    began: float,
    connect: Connect,
) -> None:
    """Until SIGTERM, or until the supervisor is gone."""
    token_service = TokenServiceClient(state.identity_socket, authority_host=options.authority.removeprefix("https://"))
    ports = PortPlan(state.ports, seed=zlib.crc32(str(state.path).encode()))
    planner = ReplicaPlanner(ports, _surroundings(options, state))
    reconciler = Reconciler(
        Parts(
            options=options,
            state=state,
            clock=clock,
            channel=channel,
            reporter=Reporter(channel, color=options.color, clock=clock, began=began),
            cache=cache,
            compiler=Compiler(options, clock=clock),
            token_service=token_service,
            processes=ProcessPlan(channel, envoy=envoy, beside=beside, planner=planner, run=options.run),
        ),
        serving=serving,
    )
    issuers = Issuers(local=token_service, authority=options.authority, use_entra=options.use_entra)
    async with asyncio.TaskGroup() as tasks:
        proofs = ProofKeeper(token_service, changed=reconciler.wake)
        reconciler.connect(
            issuers=IssuerWatch(issuers, tasks=tasks, changed=reconciler.wake, failed=reconciler.issuer_failed),
            proofs=proofs,
            readiness=Readiness(tasks, reconciler.wake, silent=reconciler.replica_is_silent),
        )
        connect(reconciler.refused, reconciler.settled)
        running = [
            tasks.create_task(_watch_files(options, state, reconciler), name="file watch"),
            tasks.create_task(proofs.run(), name="proofs"),
            tasks.create_task(reconciler.keep_identity_informed(), name="directory"),
            tasks.create_task(reconciler.run(), name="reconciler"),
            tasks.create_task(keep_quotas(state.shared_memory), name="quotas"),
        ]
        commands = operations(
            reconciler,
            options=options,
            settings=settings_of(options),
            token_service=token_service,
            ca_file=str(state.ca_file),
            traces=state.traces,
        )
        async with await serve_operator(state.operator_socket, commands):
            await _until_told_to_stop(channel, reconciler)
        for task in running:
            task.cancel()
        reconciler.close()


async def _until_told_to_stop(channel: Channel, reconciler: Reconciler) -> None:
    """Follow the supervisor's messages; its end of the channel, or SIGTERM, is the end."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def listen() -> None:
        async for message in channel.messages():
            _hear(message, reconciler)
        stop.set()

    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen(), name="channel")
        await stop.wait()
        listening.cancel()


def _hear(message: dict[str, Any], reconciler: Reconciler) -> None:
    if message["type"] != "process":
        raise ValueError(f"the supervisor sent a message of unknown type {message['type']!r}")
    reconciler.process_reported(ProcessReport.from_json(message))


async def _watch_files(options: UpOptions, state: StateDirectory, reconciler: Reconciler) -> None:
    here = Path(options.working_directory)
    async for changed in changes([here / path for path in options.paths], skip=[state.path]):
        reconciler.files_changed(changed)


def _surroundings(options: UpOptions, state: StateDirectory) -> Surroundings:
    package = Path(__file__).parent.parent
    # In a wheel it is bundled, in a checkout it is a neighbour.
    bundled = (package / "_demo" / "lib", package.parent.parent / "packages" / "tidegate-auth" / "src")
    installed = importlib.util.find_spec("tidegate_auth") is not None
    library = next((str(path) for path in bundled if path.is_dir()), None)
    return Surroundings(
        environment=child_environment({}),
        programs=str(Path(sys.executable).parent),
        library=None if installed else library,
        authority=options.authority,
        ca_file=str(state.ca_file),
        state=str(state.path / "workloads"),
        port_offset=options.port_offset,
    )
