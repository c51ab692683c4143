"""The token service's process: composes `identity` and `keys` from the command line that the supervisor gave."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from tidegate.clock import SystemClock, SystemRandomness
from tidegate.identity import Bound, FileDirectorySource, TokenService, serve
from tidegate.keys import CertificateError, FileKeyStore, KeyStoreError, LocalCA
from tidegate.runtime.state_directory import StateDirectory
from tidegate.telemetry.logs import configure_logs

ENVIRONMENT_FAILED: Final = 3


@dataclass(frozen=True, slots=True)
class Arguments:
    state: Path
    socket: Path
    bind: str
    port: int
    authority: str


def main() -> int:
    """Serve until SIGTERM; 3, and one line on standard error, if the environment does not allow it."""
    arguments = _parse(sys.argv[1:])
    configure_logs(clock=SystemClock())
    try:
        asyncio.run(_serve(arguments))
    except (CertificateError, KeyStoreError) as reason:
        return _refuse(str(reason))
    except OSError as reason:
        return _refuse(f"the token service cannot serve: {reason}")
    return 0


async def _serve(arguments: Arguments) -> None:
    clock = SystemClock()
    state = StateDirectory(arguments.state)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    ca = LocalCA(state.path, clock=clock)
    service = TokenService(
        authority=arguments.authority,
        directory=FileDirectorySource(state.directory_file),
        keys=FileKeyStore(state.path / "keys"),
        clock=clock,
        randomness=SystemRandomness(),
    )

    def announce(bound: Bound) -> None:
        structlog.get_logger("tidegate.identity").info("identity.started", host=bound.host, port=bound.port)

    await serve(
        service,
        ca=ca,
        host=arguments.bind,
        port=arguments.port,
        socket_path=arguments.socket,
        directory_path=state.directory_file,
        stop=stop,
        on_ready=announce,
    )


def _refuse(text: str) -> int:
    sys.stderr.write(text.replace("\n", " ") + "\n")
    return ENVIRONMENT_FAILED


def _parse(words: list[str]) -> Arguments:
    parser = argparse.ArgumentParser(prog="tidegate.runtime.identity_process")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--bind", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--authority", required=True)
    return Arguments(**vars(parser.parse_args(words)))


if __name__ == "__main__":
    sys.exit(main())
