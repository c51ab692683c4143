"""The gateway's part of docs/benchmarks.md: changes, failures, size, plain requests, and what others publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.changes import Change
from benchmarks.continuity import Continuity
from benchmarks.load import middle
from benchmarks.plain import BY_HAND, TIDEGATE
from benchmarks.report import Rounds, ratio, rounded
from benchmarks.size import Size

LARGEST: Final = 3000
"""The size for which the expectations hold."""


@dataclass(frozen=True, slots=True)
class GatewayResults:
    """What was measured; a part that was not is empty."""

    changes: Sequence[Change] = ()
    continuity: Sequence[Continuity] = ()
    size: Size | None = None
    plain: Rounds | None = None


def section(results: GatewayResults) -> list[str]:
    """The section as lines of Markdown."""
    lines: list[str] = []
    if results.changes:
        lines += _changes(results.changes)
    if results.continuity:
        lines += _continuity(results.continuity)
    if results.size is not None:
        lines += _size(results.size)
    if results.plain is not None:
        lines += _plain(results.plain)
    return ["## The gateway", "", *lines] if lines else []


def _changes(changes: Sequence[Change]) -> list[str]:
    rows = [
        f"| {change.routes:,} | {'a host each' if change.by_host else 'one host, a path each'} "
        f"| {'p50 at most 30 ms, p99 at most 100 ms' if change.routes == LARGEST else ''} "
        f"| p50 {change.edits.percentile(50):.0f} ms, p99 {change.edits.percentile(99):.0f} ms "
        f"| {change.control_ms:.0f} + {change.envoy_ms:.0f} ms | {change.start_s:.1f} s |"
        for change in changes
    ]
    count = len(changes[0].edits.values_ms)
    return [
        "### From saving a file to its effect on traffic",
        "",
        "| HTTPRoutes | hosts | expected | measured | processor time of control + Envoy | start |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"{count} edits of random routes at each size, through `tidegate up`: one file a route, a Service for every "
        "ten, saved by a rename; the new answer is asked for every millisecond.",
        "An edit changes a response header and the Service; edits come 0.1 s apart. "
        "*Start* is from the start of the process to the first answer by the last route, with a fresh state directory.",
        "Published by others at 3,000 routes, on a larger machine: 10 to 30 ms at best, 120 to 800 ms mostly, "
        "seconds at worst (howardjohn/gateway-api-bench, December 2025).",
        "",
    ]


def _continuity(results: Sequence[Continuity]) -> list[str]:
    rows = [
        f"| {one.what} | 0 | **{one.traffic.failed}** of {one.traffic.requests:,} | {one.seconds:.1f} s |"
        for one in results
    ]
    return [
        "### Requests that fail while something changes",
        "",
        "| what changes | expected | failed | how long it took |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        "About 400 requests a second in 4 threads over kept connections, a new connection every 20 requests, "
        "none retried. "
        "Anything but a 200 counts as failed. A route that was added is called from the moment when it first answered.",
        "Published by others for adding 3,000 routes: 0 for most, 14,808 for one well-known implementation (the same "
        "source).",
        "",
    ]


def _size(size: Size) -> list[str]:
    amounts = size.amounts
    return [
        "### Ten times the limits of Application Gateway for Containers",
        "",
        "| what | expected | measured |",
        "| --- | --- | --- |",
        f"| {amounts.routes:,} routes, {amounts.services:,} Services, {amounts.endpoints:,} endpoints, "
        f"{amounts.certificates:,} certificates: start to the first answer | it starts | {size.start_s:.1f} s |",
        f"| memory of the control process, at most and when all is quiet | below 600 MB "
        f"| {size.control_mb:.0f} MB, {size.control_now_mb:.0f} MB |",
        f"| memory of Envoy, one worker a core | | {size.envoy_mb:.0f} MB |",
        f"| Envoy's statistics | bounded | {size.statistics:,} |",
        "",
        "Every certificate has an HTTPS listener and a host of its own; 64 listeners a Gateway. "
        "Published by others for 5,000 routes: 1 to 2 GB in Envoy, 557 to 1,710,982 series (the same source).",
        "",
    ]


def _plain(rounds: Rounds) -> list[str]:
    rows = []
    for variant, samples in rounds.items():
        sample = middle(samples)
        expected = "at least 0.95" if variant == BY_HAND else ""
        against = "" if variant == TIDEGATE else str(ratio(rounds, TIDEGATE, variant))
        rows.append(
            f"| {variant} | {rounded(median(each.requests_per_cpu_s for each in samples))} | {expected} | {against} "
            f"| {sample.p50_ms:.1f} ms | {sample.p99_ms:.1f} ms |"
        )
    return [
        "### A plain routed request",
        "",
        "| variant | requests per second of gateway core | expected | Tidegate against it | p50 | p99 |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        "Measured as above: interleaved rounds, one worker each, the same core. "
        "All of them route one prefix to one backend over kept connections, say who the client is, "
        "give the request an id, and send the gateway's proof along "
        "(Tidegate its own, the others a constant text of the same length). "
        "The hand-written Envoy also cleans paths, bounds requests and counts no more than Tidegate does; "
        "HAProxy and nginx do less.",
        "",
    ]
