"""Sources in, compilation out: the whole of Tidegate's compiler in one function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.compilers import WorldMemory, compile_world
from tidegate.diagnostics import Found
from tidegate.envoy import JsonObject
from tidegate.manifests import ArtifactMemory, Memory, Plan, Resolved, gather, resolve
from tidegate.manifests.coverage import invalidated
from tidegate.model import ObjectKey, World
from tidegate.pipeline.compilation import Compilation, Observed, Settings
from tidegate.pipeline.programs import PolicyMemory, join_policies
from tidegate.policies import runtime_source
from tidegate.sources import SourceSet


@dataclass(frozen=True)
class Remembered:
    """What a compilation hands to the next: last good versions, and what need not be read again."""

    manifests: Memory = field(default_factory=Memory)
    artifacts: ArtifactMemory = field(default_factory=ArtifactMemory)
    policies: PolicyMemory = field(default_factory=PolicyMemory)
    resolved: Resolved = field(default_factory=Resolved)
    world: WorldMemory | None = None


def compile_sources(
    sources: SourceSet, settings: Settings, observed: Observed, previous: Compilation | None = None
) -> Compilation:
    """Read, resolve and compile. Pure: equal arguments give equal results, in whatever order the files come.

    `previous` is the last compilation of the same inputs; from it come the last good versions of what is malformed now.
    """
    found = Found()
    remembered = previous.previous if previous is not None else None
    memory = remembered if isinstance(remembered, Remembered) else Remembered()
    gathered = gather(sources, memory.manifests, found)
    plan = resolve(
        gathered,
        sources,
        bind=settings.bind,
        replicas=observed.replicas,
        run_workloads=settings.run_workloads,
        before=memory.artifacts,
        found=found,
        last=memory.resolved,
        settings={"now": observed.now, "key_seed": settings.key_seed},
    )
    joined = join_policies(plan, memory.policies, found)
    world = World(
        gateways=joined.gateways,
        backends=plan.backends,
        directory=plan.directory,
        workloads=plan.workloads,
    )
    compiled = compile_world(
        world,
        port_offset=settings.port_offset,
        log_requests=settings.log_requests,
        runtime=runtime_source(),
        issuers=observed.issuers,
        egress=settings.egress,
        before=memory.world,
    )
    found.extend(compiled.diagnostics)
    return Compilation(
        world=world,
        snapshot=compiled.snapshot,
        proof_secrets=compiled.proof_secrets,
        statuses=_statuses(plan.statuses, joined.broken),
        nodes=gathered.documents,
        diagnostics=found.sorted(),
        source_map=compiled.source_map,
        issuers_needed=_issuers(joined.memory),
        generated_keys=plan.generated_keys,
        previous=Remembered(
            gathered.memory, plan.artifacts or ArtifactMemory(), joined.memory, _resolved(plan), compiled.memory
        ),
    )


def _statuses(
    statuses: Mapping[ObjectKey, JsonObject], broken: Mapping[ObjectKey, bool]
) -> Mapping[ObjectKey, JsonObject]:
    """With what only reading the policies' documents could tell."""
    if not broken:
        return statuses
    refused = {
        key: invalidated(statuses[key], "the last good document goes on" if kept else "what it covers answers 503")
        for key, kept in broken.items()
    }
    return {**statuses, **refused}


def _issuers(memory: PolicyMemory) -> tuple[str, ...]:
    """Those of the programs that routes have; equal documents give routes the same one."""
    return tuple(sorted({url for program in memory.good_programs.values() for url in program.issuers}))


def _resolved(plan: Plan) -> Resolved:
    return plan.resolved if isinstance(plan.resolved, Resolved) else Resolved()
