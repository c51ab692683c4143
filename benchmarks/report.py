"""docs/benchmarks.md: ratios first, and how they were measured. Never a time without what it stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.load import Load, Sample, middle

Rounds = Mapping[str, Sequence[Sample]]
"""Variant to its sample of each round, in the order of the rounds."""

BARE: Final = "Envoy, no policy"
OPEN: Final = "Tidegate, route without a policy"
IDLE: Final = "Envoy, a Lua filter that does nothing"
TASK: Final = "Tidegate, the example's task policy"
BROWSER: Final = "Tidegate, the same from a browser"
PEER: Final = "HAProxy, the same checks"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure against another, from rounds in which both were measured one after the other."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"**{self.median:.2f}** ({self.lowest:.2f} to {self.highest:.2f})"


@dataclass(frozen=True, slots=True)
class Latencies:
    """Times of one kind of thing, in milliseconds."""

    values_ms: tuple[float, ...]

    def percentile(self, percent: float) -> float:
        """The nearest-rank percentile."""
        ordered = sorted(self.values_ms)
        return ordered[max(0, -(-len(ordered) * percent // 100).__trunc__() - 1)]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that one `make bench` measured."""

    machine: Mapping[str, str]
    load: Load
    rounds: Rounds
    tokens: int
    first_answer: Latencies
    """From the start of `tidegate up` with a fresh state directory to the first answer through the gateway."""
    first_answer_again: Latencies
    """The same with the state directory of an earlier start."""
    change: Latencies
    """From the save of a file to the first answer by the changed route."""
    gateway: Sequence[str] = ()
    """The gateway's section, as lines (`report_gateway.section`)."""


def ratio(rounds: Rounds, one: str, other: str) -> Ratio:
    """`one` against `other` in requests per second of the gateway's processor time."""
    each = [
        mine.requests_per_cpu_s / theirs.requests_per_cpu_s
        for mine, theirs in zip(rounds[one], rounds[other], strict=True)
    ]
    return Ratio(median(each), min(each), max(each))


def render(results: Results) -> str:
    """The whole page."""
    rounds = results.rounds
    change = results.change
    lines = [
        "<!-- Written by `make bench`. -->",
        "",
        "# Benchmarks",
        "",
        "For whoever wants to know what the checks cost, how quickly changes act, and against what.",
        "Figures of another machine differ; the ratios should not differ much. `make bench` measures yours.",
        "",
        "## What policies cost",
        "",
        "| what | expected | measured |",
        "| --- | --- | --- |",
        f"| the example's task policy against the same Envoy without any policy, per core | at least 0.75 "
        f"| {ratio(rounds, TASK, BARE)} |",
        f"| the same against HAProxy doing the same JWT check, limit and headers, per core | at least 0.85 "
        f"| {ratio(rounds, TASK, PEER)} |",
        f"| the same against a route without a policy in the same Tidegate, per core | | {ratio(rounds, TASK, OPEN)} |",
        f"| the same against an Envoy whose Lua filter does nothing, per core | | {ratio(rounds, TASK, IDLE)} |",
        f"| an Envoy whose Lua filter does nothing against one without, per core | | {ratio(rounds, IDLE, BARE)} |",
        f"| `tidegate up` to the first answer, fresh state directory | at most 2 s "
        f"| {results.first_answer.percentile(50) / 1000:.2f} s (worst of {len(results.first_answer.values_ms)}: "
        f"{max(results.first_answer.values_ms) / 1000:.2f} s) |",
        f"| the same with an existing state directory | | {results.first_answer_again.percentile(50) / 1000:.2f} s |",
        f"| a saved file to its first effect, {len(change.values_ms)} edits | at most 100 ms "
        f"| p50 {change.percentile(50):.0f} ms, p99 {change.percentile(99):.0f} ms |",
        "",
        "Ratios are medians over the rounds, with the lowest and the highest round in brackets:",
        "the wider they lie apart, the less alone this was on its machine.",
        "",
        "| variant | requests per second of gateway core | against bare Envoy | p50 | p99 |",
        "| --- | --- | --- | --- | --- |",
    ]
    for variant, samples in rounds.items():
        sample = middle(samples)
        against = "1" if variant == BARE else f"{ratio(rounds, variant, BARE).median:.2f}"
        lines.append(
            f"| {variant} | {rounded(median(each.requests_per_cpu_s for each in samples))} | {against} "
            f"| {sample.p50_ms:.1f} ms | {sample.p99_ms:.1f} ms |"
        )
    lines += [
        "",
        *results.gateway,
        "## The machine",
        "",
        *(f"- {name}: {value}" for name, value in results.machine.items()),
        "",
        "## How it was measured",
        "",
        *(f"- {line}" for line in _method(results)),
        "",
    ]
    return "\n".join(lines)


def _method(results: Results) -> list[str]:
    load = results.load
    count = len(next(iter(results.rounds.values())))
    return [
        f"{count} rounds; in each, every variant once for {load.seconds} s, one after the other, "
        "so that what else the machine does meets all of them.",
        f"wrk with {load.connections} connections and one thread. "
        "The gateway has core 0 for itself, with one worker; wrk and the backend share core 1.",
        "*Per core* is the number of answers divided by the processor time (user and system) "
        "that the gateway process used meanwhile: "
        "other work on the machine changes it less than a rate (caches and a shared host still do).",
        "A run in which any answer was not 2xx, or any socket failed, is refused.",
        "The backend is an HAProxy that answers 12 bytes at once, so that nearly all of the time is the gateway's.",
        f"The request is `GET /tasks` with a bearer token (RS256, 2048 bits); {results.tokens} users in turn. "
        "*From a browser* adds an allowed `Origin`, so that cors changes the answer too.",
        "The task policy is the example's own file: cors, rate-limit-by-key, validate-jwt, set-header, "
        "with the limit raised so that it counts and never trips; and the gateway's proof on every request.",
        "Tidegate verifies a token once per worker and remembers the verdict until the token expires; "
        "HAProxy verifies the signature each time. That is a difference of the programs, not of the measurement.",
        "A policy cannot be faster than a Lua filter that does nothing: Envoy makes two coroutines for each request, "
        "and that row says what they cost.",
        "HAProxy checks algorithm, signature, issuer, audience, times and role, counts per subject in a stick table, "
        "and sets the same headers. Its proof is a constant text of the same length.",
        "The first answer is asked for until it comes, from the start of the process, without `--run`.",
        "The change adds a path to an HTTPRoute; the file is replaced by a rename, as editors do, "
        "and the new path is asked for every millisecond.",
    ]


def rounded(value: float) -> str:
    """Three digits are all that such a figure is worth."""
    return f"{float(f'{value:.3g}'):,.0f}"
