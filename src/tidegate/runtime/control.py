"""The control process: composes everything that reads, compiles and publishes, in one TaskGroup.

ADS is served before anything else is imported that takes long, so that Envoy starts while the inputs are compiled.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import gc
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from tidegate.clock import Clock, SystemClock
from tidegate.config import child_environment
from tidegate.runtime.channel import Channel
from tidegate.runtime.counters import prepare_counters
from tidegate.runtime.envoy_process import envoy_process
from tidegate.runtime.options import UpOptions
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.state_plan import state_processes
from tidegate.runtime.traces import prepare_traces
from tidegate.telemetry import names
from tidegate.telemetry.logs import configure_logs
from tidegate.telemetry.redaction import redact_text
from tidegate.xds import Accepted, Refused, Settled, SnapshotCache, serve_ads

OWN_BUG: Final = 70
ENVIRONMENT_FAILED: Final = 3

_ENVIRONMENT: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE}
)
"""A full disk, a directory that was taken away: nobody's bug."""

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


def main() -> int:
    """Run until SIGTERM or until the supervisor is gone."""
    parser = argparse.ArgumentParser(prog="tidegate.runtime.control")
    parser.add_argument("--channel", type=int, required=True)
    end = socket.socket(fileno=parser.parse_args().channel)
    clock = SystemClock()
    configure_logs(clock=clock)
    try:
        asyncio.run(_control(end, clock=clock))
    except Exception as bug:  # noqa: BLE001 - the process' top: a bug ends it with a report, and it is started again
        sys.stdout.write(redact_text("".join(traceback.format_exception(bug))))
        sys.stdout.flush()
        cause = _first_cause(bug)
        if isinstance(cause, OSError) and cause.errno in _ENVIRONMENT:
            sys.stderr.write(f"the control process cannot go on: {cause}\n")
            return ENVIRONMENT_FAILED
        sys.stderr.write(f"this is a bug in tidegate: {type(cause).__name__}: {redact_text(str(cause))[:300]}\n")
        return OWN_BUG
    return 0


async def _control(end: socket.socket, *, clock: Clock) -> None:
    channel = await Channel.over(end)
    greeting = await channel.receive()
    if greeting is None:
        return
    options = UpOptions.from_json(greeting["options"])
    state = StateDirectory(Path(options.state))
    state.ads_socket.unlink(missing_ok=True)
    cache = SnapshotCache()
    voices = _Voices()
    async with serve_ads(
        cache, state.ads_socket, on_ack=voices.acked, on_nack=voices.refused, on_settled=voices.settled
    ):
        if not greeting["serving"]:
            # Where it served already, Envoy runs and holds these locks.
            prepare_counters(state.shared_memory)
            prepare_traces(state.traces, state.trace_token)
        environment = child_environment({})
        beside = state_processes(options, state=state, environment=environment)
        envoy = envoy_process(state, environment, concurrency=options.concurrency, shares_limits=bool(beside))
        for spec in (*beside, envoy):
            channel.send({"type": "ensure", "process": spec.to_json()})
        _log.info(names.CONTROL_STARTED, serving=greeting["serving"])
        # Imported now: it takes longer than Envoy needs to start. What importing makes stays: collecting it is in vain.
        gc.disable()
        from tidegate.runtime.control_plane import run_control_plane

        gc.freeze()
        gc.enable()
        await run_control_plane(
            options,
            state=state,
            channel=channel,
            cache=cache,
            envoy=envoy,
            beside=beside,
            clock=clock,
            serving=bool(greeting["serving"]),
            began=float(greeting["began"]),
            connect=voices.connect,
        )


class _Voices:
    """What Envoys say before there is anyone to listen is not lost: there is nothing to say before a snapshot."""

    def __init__(self) -> None:
        self._refused: Callable[[str, Refused], None] = lambda _node, _refused: None
        self._settled: Callable[[str, Settled], None] = lambda _node, _settled: None

    def connect(self, refused: Callable[[str, Refused], None], settled: Callable[[str, Settled], None]) -> None:
        self._refused, self._settled = refused, settled

    def acked(self, node_id: str, accepted: Accepted) -> None:
        """Details of an acknowledgement; `settled` says what matters."""

    def refused(self, node_id: str, refused: Refused) -> None:
        self._refused(node_id, refused)

    def settled(self, node_id: str, settled: Settled) -> None:
        self._settled(node_id, settled)


def _first_cause(bug: BaseException) -> BaseException:
    while isinstance(bug, BaseExceptionGroup):
        bug = bug.exceptions[0]
    return bug


if __name__ == "__main__":
    sys.exit(main())
