"""Send load with wrk and read what it says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import LOAD_CORE, BenchmarkFailed, cpu_seconds


@dataclass(frozen=True, slots=True)
class Load:
    """How hard and how long."""

    seconds: int
    connections: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One run against one variant."""

    requests: int
    requests_per_s: float
    cpu_s: float
    """Processor time that the gateway process used in the run."""
    p50_ms: float
    p99_ms: float

    @property
    def requests_per_cpu_s(self) -> float:
        """What one core of gateway does in a second; other work on the machine changes it less than the rate."""
        return self.requests / self.cpu_s


def send(load: Load, *, script: Path, url: str, gateway_pid: int) -> Sample:
    """Run wrk for `load` and measure the gateway's processor time around it."""
    command: Sequence[str] = (
        *("taskset", "-c", str(LOAD_CORE), "wrk", "--latency", "-t", "1", "-c", str(load.connections)),
        *("-d", f"{load.seconds}s", "-s", str(script), url),
    )
    before = cpu_seconds(gateway_pid)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=load.seconds + 30)
    cpu_s = cpu_seconds(gateway_pid) - before
    if done.returncode:
        raise BenchmarkFailed(f"wrk failed: {done.stderr or done.stdout}")
    return read(done.stdout, cpu_s=cpu_s)


def read(report: str, *, cpu_s: float) -> Sample:
    """Read wrk's report. A run with errors measures something else, so it is refused."""
    if wrong := re.search(r"^\s*(Non-2xx or 3xx responses: \d+|Socket errors: .*)$", report, re.MULTILINE):
        raise BenchmarkFailed(f"wrk saw errors: {wrong[1]}")
    total = re.search(r"^\s*(\d+) requests in ", report, re.MULTILINE)
    rate = re.search(r"^Requests/sec:\s*([\d.]+)", report, re.MULTILINE)
    if not total or not rate:
        raise BenchmarkFailed(f"this is no report of wrk: {report[:400]}")
    return Sample(int(total[1]), float(rate[1]), cpu_s, _percentile(report, 50), _percentile(report, 99))


def _percentile(report: str, percent: int) -> float:
    found = re.search(rf"^\s*{percent}(?:\.0+)?%\s+([\d.]+)(us|ms|s)$", report, re.MULTILINE)
    if not found:
        raise BenchmarkFailed(f"wrk names no {percent}th percentile")
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def middle(samples: Sequence[Sample]) -> Sample:
    """The median of every figure by itself."""
    return Sample(
        requests=round(median(sample.requests for sample in samples)),
        requests_per_s=median(sample.requests_per_s for sample in samples),
        cpu_s=median(sample.cpu_s for sample in samples),
        p50_ms=median(sample.p50_ms for sample in samples),
        p99_ms=median(sample.p99_ms for sample in samples),
    )


def request_script(headers: Mapping[str, str], tokens: Sequence[str]) -> str:
    """A wrk script that sends the same request with each token in turn, formatted once before the run."""
    lines = ["local requests, turn = {}, 0", "function init(args)", "  local headers = {}"]
    lines += [f"  headers[{_quoted(name)}] = {_quoted(value)}" for name, value in headers.items()]
    for token in tokens:
        lines.append(f"  headers['Authorization'] = {_quoted(f'Bearer {token}')}")
        lines.append("  requests[#requests + 1] = wrk.format('GET', nil, headers)")
    lines += ["end", "function request()", "  turn = turn % #requests + 1", "  return requests[turn]", "end", ""]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
