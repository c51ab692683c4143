"""The control process as the supervisor meets it: greeting, first messages, its end."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tidegate.runtime.channel import Channel
from tidegate.runtime.control import OWN_BUG
from tidegate.runtime.control_plane import run_control_plane
from tidegate.runtime.options import UpOptions
from tidegate.runtime.state_directory import StateDirectory

MANIFEST = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
"""


@contextmanager
def control(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """A control process and the supervisor's end of its channel."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", "tidegate.runtime.control", "--channel", str(theirs.fileno())]
    with subprocess.Popen(
        command, cwd=folder, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        theirs.close()
        try:
            yield process, ours
        finally:
            ours.close()
            process.kill()


def options(folder: Path) -> UpOptions:
    (folder / "a.yaml").write_text(MANIFEST)
    state = StateDirectory(folder / "state")
    state.path.mkdir(mode=0o700)
    return UpOptions(
        paths=("a.yaml",), state=str(state.path), working_directory=str(folder), port_offset=17000, log_format="json"
    )


async def test_it_names_envoy_first_then_everything_that_should_run(tmp_path: Path) -> None:
    with control(tmp_path) as (process, ours):
        channel = await Channel.over(ours)
        greeting = {"type": "options", "options": options(tmp_path).to_json(), "serving": True, "began": 0.0}
        channel.send(greeting)
        async with asyncio.timeout(60):
            kinds: list[str] = []
            async for message in channel.messages():
                kinds.append(message["type"])
                if message["type"] == "ensure":
                    assert message["process"]["name"] == "envoy"
                    assert (tmp_path / "state" / "ads.sock").exists()
                if message["type"] == "processes":
                    assert [one["name"] for one in message["processes"]] == ["envoy"]
                    break
        assert kinds[0] == "ensure"
        channel.close()
        assert await asyncio.to_thread(process.wait, 60) == 0


async def test_it_ends_when_the_supervisor_is_gone(tmp_path: Path) -> None:
    with control(tmp_path) as (process, ours):
        ours.close()
        assert await asyncio.to_thread(process.wait, 60) == 0


async def test_a_bug_is_one_line_and_exit_code_70(tmp_path: Path) -> None:
    with control(tmp_path) as (process, ours):
        ours.sendall(json.dumps({"type": "options", "options": {"paths": []}}).encode() + b"\n")
        _, said = await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == OWN_BUG
    assert len(said.splitlines()) == 1
    assert b"this is a bug in tidegate" in said


async def test_a_message_is_whole_or_not_there() -> None:
    ours, theirs = socket.socketpair()
    first, second = await Channel.over(ours), await Channel.over(theirs)
    large: dict[str, Any] = {"type": "processes", "text": "x" * 1_000_000}
    first.send(large)
    assert await second.receive() == large
    first.close()
    assert await second.receive() is None
    second.close()


@pytest.mark.parametrize("rest", [b"", b'{"type": "cut'])
async def test_a_message_that_is_cut_is_none(rest: bytes) -> None:
    ours, theirs = socket.socketpair()
    channel = await Channel.over(theirs)
    ours.sendall(b'{"type": "event"}\n' + rest)
    ours.close()
    assert [message async for message in channel.messages()] == [{"type": "event"}]
    channel.close()


def test_the_second_half_is_imported_after_envoy_was_named() -> None:
    """It takes longer than Envoy needs to start."""
    code = "import sys, tidegate.runtime.control; sys.exit('tidegate.runtime.control_plane' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert run_control_plane.__doc__
