"""Runs a Supervisor whose control process follows a script; for test_supervisor.py.

`driver.py FOLDER` supervises; `driver.py FOLDER --channel N` is the control process.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from pathlib import Path

from tidegate.clock import SystemClock
from tidegate.runtime.channel import Channel
from tidegate.runtime.guardian import start_guardian
from tidegate.runtime.options import UpOptions
from tidegate.runtime.processes import ProcessSpec
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.supervisor import Supervisor
from tidegate.runtime.terminal import Terminal


async def control(folder: Path, descriptor: int) -> None:
    draft = folder / "control.pid~"
    draft.write_text(f"{os.getpid()}\n")
    draft.replace(folder / "control.pid")
    channel = await Channel.over(socket.socket(fileno=descriptor))

    async def hear() -> None:
        with (folder / "control.heard").open("a") as heard:
            async for message in channel.messages():
                heard.write(json.dumps(message) + "\n")
                heard.flush()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hear())
        for step in json.loads((folder / "script.json").read_text()):
            if "wait" in step:
                while not (folder / step["wait"]).exists():
                    await asyncio.sleep(0.01)
            else:
                channel.send(step)


def supervise(folder: Path) -> int:
    clock = SystemClock()
    more = json.loads((folder / "options.json").read_text())
    options = UpOptions(
        paths=(),
        state=str(folder / "state"),
        working_directory=str(folder),
        ready_file=str(folder / "ready.json"),
        **more,
    )
    state = StateDirectory(folder / "state")
    state.acquire()
    guardian = start_guardian()
    own = ProcessSpec(
        name="control",
        command=(sys.executable, __file__, str(folder)),
        environment=dict(os.environ),
        directory=str(folder),
        phase="control",
        critical=True,
    )
    supervisor = Supervisor(
        options,
        own=(own,),
        state=state,
        guardian=guardian,
        terminal=Terminal(json_lines=options.log_format == "json", color=False, clock=clock),
        clock=clock,
        began=time.monotonic(),
    )
    code = asyncio.run(supervisor.run())
    guardian.close()
    state.release()
    return code


if __name__ == "__main__":
    if "--channel" in sys.argv:
        asyncio.run(control(Path(sys.argv[1]), int(sys.argv[3])))
    else:
        sys.exit(supervise(Path(sys.argv[1])))
