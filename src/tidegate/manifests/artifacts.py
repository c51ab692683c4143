"""The APIOps layout among the inputs, as one query: it is asked again when one of its files has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tidegate.manifests.apiops import PORT, ApimPlan, ApimSettings, ArtifactMemory, is_information, resolve_apiops
from tidegate.manifests.asking import Ask
from tidegate.manifests.gather import Gathered
from tidegate.manifests.plan import PolicySource, ScopeId
from tidegate.sources import SourceSet

ENVIRONMENT: Final = "TIDEGATE_ENVIRONMENT"
"""The value (`--set`, values.env) that names the environment whose `configuration.<environment>.yaml` counts."""


@dataclass(frozen=True, eq=False)
class ArtifactFiles:
    """What the layout is read from. Equal only to itself: another one means that something may have changed."""

    gathered: Gathered
    sources: SourceSet
    before: ArtifactMemory


def artifact_files(
    gathered: Gathered, sources: SourceSet, before: ArtifactMemory, last: ArtifactFiles | None
) -> ArtifactFiles:
    """The last one, as long as nothing of the layout has changed but the texts of policies, which are no part of it."""
    if last is not None and not _changed(last.sources, sources, before):
        return last
    return ArtifactFiles(gathered, sources, before)


def _changed(last: SourceSet, now: SourceSet, memory: ArtifactMemory) -> bool:
    if last.values != now.values or last.unreadable != now.unreadable:
        return True
    if last.files.keys() != now.files.keys():
        others = last.files.keys() ^ now.files.keys()
        if memory.paths or any(is_information(path) for path in others):
            return True
    policies = memory.policies
    return any(last.files.get(path) is not now.files.get(path) for path in memory.paths if path not in policies)


def apim(ask: Ask) -> ApimPlan:
    """API Management's artifacts; the texts of its policies may be older ones, see `apim_policies`."""
    files = ask.setting("artifacts")
    if not isinstance(files, ArtifactFiles):
        return ApimPlan()
    gathered = replace(files.gathered, manifests=ask.manifests)
    seed = ask.setting("key_seed")
    settings = ApimSettings(files.sources.values.get(ENVIRONMENT, ""), seed if isinstance(seed, bytes) else b"")
    return resolve_apiops(gathered, files.sources, files.before, bind=ask.bind, found=ask.found, settings=settings)


def apim_policies(ask: Ask) -> dict[ScopeId, PolicySource]:
    """The policies of the artifacts, as they are now. They change most often, and what is routed where is no matter of
    theirs."""
    files, result = ask.files, dict(ask.call(apim).policies)
    for path, planned in result.items():
        source = files.get(path)
        if source is not planned.source:
            result[path] = replace(planned, source=source)
    return result


def reserved(ask: Ask) -> tuple[tuple[str, int], ...]:
    """Addresses and ports that API Management's gateway has."""
    return ((ask.bind, PORT),) if ask.call(apim).gateway is not None else ()
