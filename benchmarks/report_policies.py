"""The part of docs/benchmarks.md on policies by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.apis import Apis
from benchmarks.policy_costs import Cost, PolicyCosts


def section(costs: PolicyCosts | None, apis: Apis | None) -> list[str]:
    """The section as lines of Markdown; nothing where nothing was measured."""
    lines: list[str] = []
    if costs is not None:
        lines += _costs(costs)
    if apis is not None:
        lines += _apis(apis)
    return ["## Policies, one by one", "", *lines] if lines else []


def _costs(costs: PolicyCosts) -> list[str]:
    lines = [
        f"A request through the empty pipeline takes {costs.empty_us:.0f} us of the gateway's processor time.",
        "What a statement adds, in microseconds a request (median over the rounds, with the lowest and the highest):",
        "",
        "| policy | us |",
        "| --- | --- |",
        *_rows([cost for cost in costs.costs if cost.case.family == "policy"]),
        "",
        "| expression, in a set-variable | us |",
        "| --- | --- |",
        *_rows([cost for cost in costs.costs if cost.case.family == "expression"]),
        "",
        "| combination, against a Lua filter of equal meaning written by hand, per core | expected | measured |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {each.case.name.removeprefix('combination-')} | at least 0.8 "
        f"| **{each.ratio:.2f}** ({each.lowest:.2f} to {each.highest:.2f}) |"
        for each in costs.combinations
    ]
    return [
        *lines,
        "",
        "Both Envoys clean the request and have the same limits. Tidegate's also answers every failure as API "
        "Management does, and bounds what a policy may take.",
        "",
    ]


def _rows(costs: Sequence[Cost]) -> list[str]:
    return [f"| {c.case.name} | {c.us:.1f} ({c.lowest_us:.1f} to {c.highest_us:.1f}) |" for c in costs]


def _apis(apis: Apis) -> list[str]:
    return [
        f"| {apis.apis} APIs with {apis.operations} operations each | expected | measured |",
        "| --- | --- | --- |",
        f"| compiled from nothing, processor time | below 5 s | {apis.full_s:.2f} s |",
        f"| after a change of one API's policy | below 50 ms | {apis.change_ms:.0f} ms |",
        f"| Envoy's memory for one operation more | | {apis.envoy_kb:.1f} kB |",
        f"| `tidegate up` to the first answer by the last API | | {apis.start_s:.1f} s |",
        "",
    ]
