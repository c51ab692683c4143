"""All files together: which version of each object counts, and what the next reading must remember.

A malformed version never replaces a good one, and a file that cannot be read deletes nothing (design section 2).
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tidegate.diagnostics import Diagnostic, Found, Related, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.objects import AnyObject, Manifests, Object, State
from tidegate.manifests.parts import Parts, read_parts
from tidegate.manifests.reading import Candidate, Reading
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, Source, SourceSet
from tidegate.sources.nodes import at

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Counted:
    """A generation and the content that it numbers."""

    content: str
    generation: int


Declared: TypeAlias = tuple[str, int, Candidate]
"""A file, a place in it, and what stands there."""


@dataclass(frozen=True)
class Memory:
    """What one reading hands to the next: what counts (`good`, `counted`), and what need not be worked out again."""

    readings: AbstractMapping[str, Reading] = field(default_factory=dict)
    good: AbstractMapping[ObjectKey, AnyObject] = field(default_factory=dict)
    """The last good version of every object that is still declared, or whose file cannot be told to have lost it."""
    counted: AbstractMapping[ObjectKey, Counted] = field(default_factory=dict)
    sources: SourceSet | None = None
    declared: AbstractMapping[ObjectKey, tuple[Declared, ...]] = field(default_factory=dict)
    """Every declaration of an object, the first by file and place first."""
    kept: frozenset[ObjectKey] = frozenset()
    """Last good objects that their file no longer shows, where the file cannot be told to have lost them."""
    duplicates: AbstractMapping[ObjectKey, tuple[Diagnostic, ...]] = field(default_factory=dict)
    manifests: Manifests = field(default_factory=lambda: Manifests(()))
    documents: AbstractMapping[ObjectKey, Mapping] = field(default_factory=dict)
    notable: AbstractMapping[str, Reading] = field(default_factory=dict)
    """The readings that something is to be said about."""
    parts: AbstractMapping[str, Parts] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    """Files that have not been read whole since they were met."""

    def forgetting(self) -> Memory:
        """Only what counts: everything else is worked out again, and comes to the same."""
        return Memory(good=self.good, counted=self.counted, unread=self.unread)


@dataclass(frozen=True)
class Gathered:
    manifests: Manifests
    documents: AbstractMapping[ObjectKey, Mapping]
    """The newest version of everything declared, malformed ones included."""
    unread: tuple[str, ...]
    """Files of which something cannot be parsed, and never could: what they hold is not known at all."""
    mistaken_policies: frozenset[str]
    """Namespaces of what was probably meant to be an ApimPolicy, where no last good version goes on for it."""
    memory: Memory
    changed: frozenset[ObjectKey] | None = None
    """Objects that are not what they were at the last reading; None when there was none."""


def gather(sources: SourceSet, memory: Memory, found: Found) -> Gathered:
    """Read every YAML and JSON file; inputs are untouched, `memory` of the last reading is consulted.

    What no changed file declares is taken over from `memory` as it is, down to the identity of every object.
    """
    readings, parts, moved = _read(sources, memory)
    state = _State(readings, sources, memory)
    for path in moved:
        state.redeclare(path)
    notable = state.notable
    for reading in notable.values():
        found.extend(reading.diagnostics)
    if memory.sources is None or sources.unreadable != memory.sources.unreadable:
        state.affected.update(memory.good, memory.counted)
    state.affected |= memory.kept
    for key in sorted(state.affected):
        state.settle(key)
    for said in state.duplicates.values():
        found.extend(said)
    unread = _unread(notable, memory)
    policy_files = {state.objects[key].file for key in state.kept if key.kind == "ApimPolicy"}
    manifests = memory.manifests.updated(state.objects, state.changed, state.refused)
    return Gathered(
        manifests=manifests,
        documents=state.documents,
        unread=tuple(sorted(unread)),
        mistaken_policies=frozenset(
            namespace
            for path, reading in notable.items()
            if path not in policy_files
            for namespace in reading.mistaken_policies
        ),
        memory=Memory(
            readings,
            state.good,
            state.counted,
            sources,
            state.declared,
            frozenset(state.kept),
            state.duplicates,
            manifests,
            state.documents,
            notable,
            parts,
            unread,
        ),
        changed=None if memory.sources is None else frozenset(state.changed),
    )


def _read(sources: SourceSet, memory: Memory) -> tuple[dict[str, Reading], dict[str, Parts], list[str]]:
    """Every file's reading, those of its documents, and the files whose reading is not the last one."""
    last = memory.sources
    known: AbstractMapping[str, Source] = {}
    if last is not None and last.values == sources.values:
        known = last.files
    readings = dict(memory.readings)
    parts = dict(memory.parts)
    moved: list[str] = []
    for path in [path for path, source in sources.files.items() if known.get(path) is not source]:
        if path.endswith(_SUFFIXES):
            before = readings.get(path)
            source, known_parts = sources.files[path], memory.parts.get(path, {})
            readings[path], parts[path] = read_parts(source, sources.values, before=before, parts=known_parts)
            if readings[path] is not before:
                moved.append(path)
    for path in memory.readings.keys() - sources.files.keys():
        del readings[path]
        parts.pop(path, None)
        moved.append(path)
    return readings, parts, moved


def _unread(notable: AbstractMapping[str, Reading], memory: Memory) -> frozenset[str]:
    """What cannot be parsed, and could not be the last time either or is met now."""
    unparsed = frozenset(path for path, reading in notable.items() if not reading.parsed)
    if not unparsed:
        return unparsed
    was_good = {each.file for each in memory.good.values()}
    return frozenset(path for path in unparsed if path in memory.unread or path not in was_good)


class _State:
    """The last reading's tables while they become this one's."""

    def __init__(self, readings: AbstractMapping[str, Reading], sources: SourceSet, memory: Memory) -> None:
        self.readings = readings
        self.sources = sources
        self.memory = memory
        self.declared = dict(memory.declared)
        self.good = dict(memory.good)
        self.counted = dict(memory.counted)
        self.documents = dict(memory.documents)
        self.duplicates = dict(memory.duplicates)
        self.notable = dict(memory.notable)
        self.kept = set(memory.kept)
        self.objects = memory.manifests.by_key()
        self.refused = dict(memory.manifests.refused)
        self.affected: set[ObjectKey] = set()
        self.changed: set[ObjectKey] = set()

    def redeclare(self, path: str) -> None:
        """Take what a file declared out, and put what it declares now in."""
        before, now = self.memory.readings.get(path), self.readings.get(path)
        self.notable.pop(path, None)
        if now is not None and (now.diagnostics or not now.parsed or now.mistaken_policies):
            self.notable[path] = now
        for candidate in before.candidates if before is not None else ():
            rest = tuple(each for each in self.declared.get(candidate.key, ()) if each[0] != path)
            self.declared[candidate.key] = rest
            self.affected.add(candidate.key)
        for place, candidate in enumerate(now.candidates if now is not None else ()):
            declared = (*self.declared.get(candidate.key, ()), (path, place, candidate))
            self.declared[candidate.key] = tuple(sorted(declared, key=lambda each: each[:2]))
            self.affected.add(candidate.key)

    def settle(self, key: ObjectKey) -> None:
        """Decide which version of an object counts."""
        was_refused = self.refused.pop(key, None)
        self.kept.discard(key)
        self.duplicates.pop(key, None)
        declared = self.declared.get(key, ())
        chosen = self._declared(key, [candidate for _, _, candidate in declared]) if declared else self._undeclared(key)
        last = self.objects.get(key)
        if chosen is None:
            self.objects.pop(key, None)
        elif last is None or not _is_same(last, chosen):
            self.objects[key] = chosen
        if self.objects.get(key) is not last or self.refused.get(key) != was_refused:
            self.changed.add(key)

    def _declared(self, key: ObjectKey, candidates: list[Candidate]) -> AnyObject | None:
        newest, *others = candidates
        if others:
            self.duplicates[key] = _duplicates(newest, others)
        self.counted[key] = _count(newest, self.memory.counted.get(key))
        self.documents[key] = newest.document
        generation = self.counted[key].generation
        chosen = _choose(newest, generation, self.memory.good.get(key))
        if chosen is None:
            self.refused[key] = generation
            self.good.pop(key, None)
        elif chosen.serves:
            last = self.memory.good.get(key)
            good = chosen.with_state(State.ACCEPTED, newest_generation=chosen.generation)
            self.good[key] = last if last is not None and _is_same(last, good) else good
        else:
            self.good.pop(key, None)
        return chosen

    def _undeclared(self, key: ObjectKey) -> AnyObject | None:
        """An object that no file shows: gone, unless its file cannot be told to have lost it."""
        self.declared.pop(key, None)
        last = self.memory.good.get(key)
        if last is not None:
            reading = self.readings.get(last.file)
            lost = reading.whole if reading is not None else not self.sources.hides(last.file)
            if not lost:
                self.kept.add(key)
                self.documents[key] = last.node
                return last.with_state(State.KEPT, newest_generation=last.generation)
        for table in (self.good, self.counted, self.documents):
            table.pop(key, None)
        return None


def _is_same(one: AnyObject, other: AnyObject) -> bool:
    return (
        one.node is other.node
        and one.malformed is other.malformed
        and one.state is other.state
        and (one.generation, one.newest_generation) == (other.generation, other.newest_generation)
    )


def _duplicates(first: Candidate, others: list[Candidate]) -> tuple[Diagnostic, ...]:
    """One candidate an object: the first by file and place."""
    found = Found()
    for candidate in others:
        found.add(
            codes.OBJECT_DUPLICATE,
            at=_name_span(candidate),
            object=candidate.key,
            label="declared again here; this one is not used",
            related=[Related(_name_span(first), "declared first here")],
        )
    return found.sorted()


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
        return last_good.with_state(State.KEPT, newest_generation=generation, malformed=candidate.document)
    if candidate.body is None:
        return None
    if candidate.accepted:
        return Object(candidate.key, candidate.body, candidate.node, State.ACCEPTED, generation, generation)
    node, document = candidate.node, candidate.document
    return Object(candidate.key, candidate.body, node, State.SALVAGED, generation, generation, document)
