"""What queries about manifests are asked with: the inputs, read so that the engine knows who looked at what.

Everything that resolution reads is one of these inputs. Each has a key; `changed_inputs` tells which of them differ
between two readings, from the objects and files that the reading says have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tidegate.incremental import Frame, Revision
from tidegate.manifests.gather import Gathered
from tidegate.manifests.objects import LABELLED, AnyObject, Manifests, Object, label_of
from tidegate.manifests.schema import Resource
from tidegate.model import Endpoint, ObjectKey, ObjectName
from tidegate.sources import Source, SourceSet

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", bound=Resource)

Reads = Callable[[Hashable], None]

SETTINGS = ("bind", "run_workloads", "unread", "mistaken_policies", "artifacts")


@dataclass(frozen=True)
class Inputs:
    """All that resolution depends on."""

    gathered: Gathered
    sources: SourceSet
    bind: str
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]]
    run_workloads: bool
    artifacts: object = None
    """Stands for the files of the APIOps layout: another object when one of them has changed."""
    settings: Mapping[str, object] = field(default_factory=dict)
    """Whatever else is one value; for others' queries."""

    def setting(self, name: str) -> object:
        """One value that is no object and no file."""
        match name:
            case "bind" | "run_workloads" | "artifacts":
                return getattr(self, name)
            case "unread" | "mistaken_policies":
                return getattr(self.gathered, name)
            case _:
                return self.settings.get(name)


class Ask:
    """The context of one run of one query."""

    __slots__ = ("_inputs", "_reads", "call", "found", "manifests")

    def __init__(self, revision: Revision[Ask], frame: Frame, inputs: Inputs) -> None:
        self.call = revision.call
        """Ask another query."""
        self.found = frame.found
        self.manifests = TrackedManifests(inputs.gathered.manifests, frame.reads)
        self._inputs = inputs
        self._reads = frame.reads

    @property
    def replicas(self) -> Mapping[ObjectName, tuple[Endpoint, ...]]:
        """Local replicas that accept connections, by Deployment."""
        return TrackedMapping("replicas", self._inputs.replicas, self._reads)

    @property
    def files(self) -> Mapping[str, Source]:
        """Every input file by its path."""
        return TrackedMapping("file", self._inputs.sources.files, self._reads)

    @property
    def bind(self) -> str:
        self._reads(("setting", "bind"))
        return self._inputs.bind

    @property
    def run_workloads(self) -> bool:
        self._reads(("setting", "run_workloads"))
        return self._inputs.run_workloads

    @property
    def unread(self) -> tuple[str, ...]:
        self._reads(("setting", "unread"))
        return self._inputs.gathered.unread

    @property
    def mistaken_policies(self) -> frozenset[str]:
        self._reads(("setting", "mistaken_policies"))
        return self._inputs.gathered.mistaken_policies

    def setting(self, name: str) -> object:
        """One of `Inputs.settings`."""
        self._reads(("setting", name))
        return self._inputs.setting(name)


class TrackedManifests(Manifests):
    """Manifests that note every look at them, at what is not there too."""

    def __init__(self, manifests: Manifests, reads: Reads) -> None:
        self._manifests = manifests
        self._reads = reads

    @property
    def refused(self) -> Mapping[ObjectKey, int]:  # type: ignore[override]  # read-only, as nobody sets it
        """All of them; `is_refused` and `refused_in` depend on less."""
        self._reads(("refused",))
        return self._manifests.refused

    def __iter__(self) -> Iterator[AnyObject]:
        self._reads(("all",))
        return iter(self._manifests)

    def of(self, schema: type[R]) -> tuple[Object[R], ...]:
        self._reads(("of", schema))
        return self._manifests.of(schema)

    def keys(self, schema: type[Resource]) -> tuple[ObjectKey, ...]:
        self._reads(("keys", schema))
        return self._manifests.keys(schema)

    def find(self, key: ObjectKey) -> AnyObject | None:
        self._reads(("object", key))
        return self._manifests.find(key)

    def in_namespace(self, schema: type[R], namespace: str) -> tuple[Object[R], ...]:
        self._reads(("in", schema, namespace))
        return self._manifests.in_namespace(schema, namespace)

    def labelled(self, schema: type[R], namespace: str, value: str) -> tuple[Object[R], ...]:
        self._reads(("labelled", schema, namespace, value))
        return self._manifests.labelled(schema, namespace, value)

    def get(self, schema: type[R], *, group: str, namespace: str, name: str) -> Object[R] | None:
        self._reads(("object", ObjectKey(group, schema.kind_name(), namespace, name)))
        return self._manifests.get(schema, group=group, namespace=namespace, name=name)

    def is_refused(self, key: ObjectKey) -> bool:
        self._reads(("object", key))
        return self._manifests.is_refused(key)

    def refused_in(self, kind: str, namespace: str) -> bool:
        self._reads(("refused", kind, namespace))
        return self._manifests.refused_in(kind, namespace)


class TrackedMapping(Mapping[K, V]):
    """A mapping that notes every look at it."""

    def __init__(self, name: str, mapping: Mapping[K, V], reads: Reads) -> None:
        self._name = name
        self._mapping = mapping
        self._reads = reads

    def __getitem__(self, key: K) -> V:
        self._reads((self._name, key))
        return self._mapping[key]

    def __iter__(self) -> Iterator[K]:
        self._reads((self._name,))
        return iter(self._mapping)

    def __len__(self) -> int:
        self._reads((self._name,))
        return len(self._mapping)


def changed_inputs(before: Inputs, now: Inputs) -> Iterator[Hashable]:
    """The keys of the inputs that differ. Objects are taken to be those that the reading calls changed."""
    old, new = before.gathered.manifests, now.gathered.manifests
    changed = now.gathered.changed
    keys = {o.key for o in (*old, *new)} | {*old.refused, *new.refused} if changed is None else changed
    if keys:
        yield ("all",)
    if old.refused != new.refused:
        yield ("refused",)
    for key in keys:
        yield ("object", key)
        versions = [each for each in (old.find(key), new.find(key)) if each is not None]
        for each in versions:
            yield ("of", type(each.body))
            yield ("in", type(each.body), key.namespace)
            if type(each.body) in LABELLED:
                yield ("labelled", type(each.body), key.namespace, label_of(each))
            if len(versions) == 1:
                yield ("keys", type(each.body))
        if (key in old.refused) != (key in new.refused):
            yield ("refused", key.kind, key.namespace)
    yield from _changed_entries("replicas", before.replicas, now.replicas)
    yield from _changed_entries("file", before.sources.files, now.sources.files)
    for name in {*SETTINGS, *before.settings, *now.settings}:
        old_value, new_value = before.setting(name), now.setting(name)
        if old_value is not new_value and old_value != new_value:
            yield ("setting", name)


def _changed_entries(name: str, before: Mapping[Any, Any], now: Mapping[Any, Any]) -> Iterable[Hashable]:
    """The keys of entries that differ, and of the mapping itself where other entries are there."""
    if before is now:
        return
    get = before.get
    suspects = [key for key, value in now.items() if get(key) is not value]
    if len(before) != len(now) or any(key not in before for key in suspects):
        yield (name,)
        for key in before.keys() - now.keys():
            yield (name, key)
    for key in suspects:
        if get(key) != now[key]:
            yield (name, key)
