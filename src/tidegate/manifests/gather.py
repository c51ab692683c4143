"""All files together: which version of each object counts, and what the next reading must remember.

A malformed version never replaces a good one, and a file that cannot be read deletes nothing (design section 2).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.objects import AnyObject, Manifests, Object, State
from tidegate.manifests.reading import Candidate, Reading, read_file
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, SourceSet
from tidegate.sources.nodes import at

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Counted:
    """A generation and the content that it numbers."""

    content: str
    generation: int


@dataclass(frozen=True)
class Memory:
    """What one reading hands to the next."""

    readings: AbstractMapping[str, Reading] = field(default_factory=dict)
    good: AbstractMapping[ObjectKey, AnyObject] = field(default_factory=dict)
    """The last good version of every object that is still declared, or whose file cannot be told to have lost it."""
    counted: AbstractMapping[ObjectKey, Counted] = field(default_factory=dict)


@dataclass(frozen=True)
class Gathered:
    manifests: Manifests
    documents: AbstractMapping[ObjectKey, Mapping]
    """The newest version of everything declared, malformed ones included."""
    unread: tuple[str, ...]
    """Files of which nothing could be read, and of which no last good version is known."""
    mistaken_policies: frozenset[str]
    """Namespaces of what was probably meant to be an ApimPolicy, where no last good version goes on for it."""
    memory: Memory


def gather(sources: SourceSet, memory: Memory, found: Found) -> Gathered:
    """Read every YAML and JSON file; inputs are untouched, `memory` of the last reading is consulted."""
    readings = {
        source.path: read_file(source, sources.values, before=memory.readings.get(source.path))
        for source in sources
        if source.path.endswith(_SUFFIXES)
    }
    for reading in readings.values():
        found.extend(reading.diagnostics)
    newest = _newest(readings, found)
    counted = {c.key: _count(c, memory.counted.get(c.key)) for c in newest.values()}
    objects: dict[ObjectKey, AnyObject] = {}
    refused: dict[ObjectKey, int] = {}
    good: dict[ObjectKey, AnyObject] = {}
    for key, candidate in newest.items():
        chosen = _choose(candidate, counted[key].generation, memory.good.get(key))
        if chosen is None:
            refused[key] = counted[key].generation
            continue
        objects[key] = chosen
        if chosen.serves:
            good[key] = chosen.with_state(State.ACCEPTED, newest_generation=chosen.generation)
    kept = tuple(_undeleted(readings, memory, newest.keys(), sources))
    for each in kept:
        objects[each.key] = each.with_state(State.KEPT, newest_generation=each.generation)
        good[each.key] = each
        counted[each.key] = memory.counted[each.key]
    return Gathered(
        manifests=Manifests(objects.values(), refused),
        documents={c.key: c.document for c in newest.values()} | {o.key: o.node for o in kept},
        unread=tuple(p for p, r in readings.items() if not r.parsed and not any(o.file == p for o in kept)),
        mistaken_policies=frozenset(
            namespace
            for path, reading in readings.items()
            for namespace in reading.mistaken_policies
            if not any(o.file == path and o.key.kind == "ApimPolicy" for o in kept)
        ),
        memory=Memory(readings, good, counted),
    )


def _newest(readings: AbstractMapping[str, Reading], found: Found) -> dict[ObjectKey, Candidate]:
    """One candidate an object: the first by file and place."""
    newest: dict[ObjectKey, Candidate] = {}
    for path in sorted(readings):
        for candidate in readings[path].candidates:
            first = newest.setdefault(candidate.key, candidate)
            if first is not candidate:
                found.add(
                    codes.OBJECT_DUPLICATE,
                    at=_name_span(candidate),
                    object=candidate.key,
                    label="declared again here; this one is not used",
                    related=[Related(_name_span(first), "declared first here")],
                )
    return newest


def _name_span(candidate: Candidate) -> Span:
    return at(candidate.document, "metadata", "name")


def _count(candidate: Candidate, before: Counted | None) -> Counted:
    """metadata.generation where it is given, else one more than before for each change of content."""
    given = candidate.body.metadata.generation if candidate.body is not None else None
    if given is not None:
        return Counted(candidate.content, given)
    if before is None:
        return Counted(candidate.content, 1)
    return before if before.content == candidate.content else Counted(candidate.content, before.generation + 1)


def _choose(candidate: Candidate, generation: int, last_good: AnyObject | None) -> AnyObject | None:
    """The version that counts: the new one if it is well formed, else the last good one, else what was salvaged."""
    if not candidate.accepted and last_good is not None:
        return last_good.with_state(State.KEPT, newest_generation=generation)
    if candidate.body is None:
        return None
    state = State.ACCEPTED if candidate.accepted else State.SALVAGED
    return Object(candidate.key, candidate.body, candidate.node, state, generation, generation)


def _undeleted(
    readings: AbstractMapping[str, Reading], memory: Memory, declared: Collection[ObjectKey], sources: SourceSet
) -> Iterator[AnyObject]:
    """Last good objects that their file no longer shows, where the file cannot be told to have lost them."""
    for key, last in memory.good.items():
        reading = readings.get(last.file)
        lost = reading.whole if reading is not None else not sources.hides(last.file)
        if key not in declared and not lost:
            yield last
