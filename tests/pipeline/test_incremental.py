"""What is compiled after what was compiled before equals what is compiled from nothing, whatever was edited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiling import sources_of
from edits import FIRST, Author, edited
from tidegate.manifests import Resolved
from tidegate.model import Endpoint, ObjectName
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.pipeline.compile import Remembered

STEPS = 14


def forgetful(previous: Compilation | None) -> Compilation | None:
    """The same with what counts (last good versions, counted generations), and without what only saves time."""
    if previous is None or not isinstance(previous.previous, Remembered):
        return previous
    memory = previous.previous
    return replace(
        previous,
        previous=replace(memory, manifests=memory.manifests.forgetting(), resolved=Resolved(), world=None),
    )


def told(compilation: Compilation) -> dict[str, object]:
    """Everything that a compilation says, part by part."""
    return {
        "gateways": compilation.world.gateways,
        "backends": dict(compilation.world.backends),
        "directory": compilation.world.directory,
        "workloads": compilation.world.workloads,
        "diagnostics": [d.concise() for d in compilation.diagnostics],
        "details": compilation.diagnostics,
        "statuses": dict(compilation.statuses),
        "order": list(compilation.statuses),
        "proofs": dict(compilation.proof_secrets),
        "issuers": compilation.issuers_needed,
        "documents": dict(compilation.documents),
        "sources": dict(compilation.source_map),
        "digest": compilation.snapshot.digest,
    }


def observed(author: Author) -> Observed:
    """Replicas come and go."""
    ports = author.chance.sample([9001, 9002], k=author.chance.randint(0, 2))
    name = ObjectName(author.pick("sea", "sky"), author.pick("a", "b"))
    return Observed(replicas={name: tuple(Endpoint("127.0.0.1", port) for port in sorted(ports))} if ports else {})


@pytest.mark.parametrize("seed", range(40))
def test_random_edits(seed: int) -> None:
    """After every step of a random sequence of edits, to files and to what was observed."""
    author = Author(seed)
    settings = Settings(run_workloads=author.chance.random() < 0.5)
    files = dict(FIRST)
    last: Compilation | None = None
    for step in range(STEPS):
        files = edited(files, author)
        seen = observed(author)
        now = compile_sources(sources_of(files), settings, seen, last)
        scratch = compile_sources(sources_of(files), settings, seen, forgetful(last))
        mine, full = told(now), told(scratch)
        for part, value in full.items():
            assert mine[part] == value, f"step {step}: {part}"
        last = now
