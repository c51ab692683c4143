"""Every input that can be looked at is told when it has changed, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.incremental import Memo, Revision
from tidegate.manifests.asking import Ask, Inputs, changed_inputs
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.schema.core import ConfigMap, EndpointSlice
from tidegate.model import Endpoint, ObjectKey, ObjectName

A = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\ndata: {k: one}\n"
B = A.replace("name: a", "name: b")
ELSEWHERE = A.replace("namespace: x", "namespace: z")
SLICE = (
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
    "metadata: {name: s, namespace: x, labels: {kubernetes.io/service-name: cart}}\naddressType: IPv4\n"
)
BROKEN = "apiVersion: gateway.networking.k8s.io/v1\nkind: ReferenceGrant\nmetadata: {name: a, namespace: x}\nspec: 5\n"
FILES = {"a.yaml": A, "slice.yaml": SLICE, "p.xml": "<policies />"}
NAME = ObjectName("x", "cart")

LOOKS: dict[str, Callable[[Ask], object]] = {
    "get a": lambda ask: ask.manifests.get(ConfigMap, group="", namespace="x", name="a"),
    "get b": lambda ask: ask.manifests.get(ConfigMap, group="", namespace="x", name="b"),
    "find a": lambda ask: ask.manifests.find(ObjectKey("", "ConfigMap", "x", "a")),
    "of": lambda ask: ask.manifests.of(ConfigMap),
    "keys": lambda ask: ask.manifests.keys(ConfigMap),
    "in x": lambda ask: ask.manifests.in_namespace(ConfigMap, "x"),
    "labelled cart": lambda ask: ask.manifests.labelled(EndpointSlice, "x", "cart"),
    "labelled stock": lambda ask: ask.manifests.labelled(EndpointSlice, "x", "stock"),
    "all": lambda ask: [each.key for each in ask.manifests],
    "refused": lambda ask: dict(ask.manifests.refused),
    "refused a": lambda ask: ask.manifests.is_refused(
        ObjectKey("gateway.networking.k8s.io", "ReferenceGrant", "x", "a")
    ),
    "refused in x": lambda ask: ask.manifests.refused_in("ReferenceGrant", "x"),
    "file": lambda ask: ask.files.get("p.xml"),
    "files": lambda ask: len(ask.files),
    "replicas": lambda ask: ask.replicas.get(NAME),
    "bind": lambda ask: ask.bind,
    "run": lambda ask: ask.run_workloads,
    "unread": lambda ask: ask.unread,
    "mistaken": lambda ask: ask.mistaken_policies,
    "now": lambda ask: ask.setting("now"),
}


def look(ask: Ask, name: str) -> object:
    return LOOKS[name](ask)


def inputs(files: dict[str, str], memory: Memory, **more: object) -> Inputs:
    sources = sources_of(files)
    replicas = {NAME: (Endpoint("127.0.0.1", 1),)} if more.get("replicas") else {}
    return Inputs(
        gather(sources, memory, Found()),
        sources,
        bind=str(more.get("bind", "127.0.0.1")),
        replicas=replicas,
        run_workloads=bool(more.get("run")),
        settings={"now": more.get("now")},
    )


def asked_again(files: dict[str, str], **more: object) -> set[str]:
    """Which looks are taken again after a change; each must see what a new pair of eyes sees."""
    before = inputs(FILES, Memory())
    first: Revision[Ask] = Revision(Memo(), (), lambda r, frame: Ask(r, frame, before))
    for name in LOOKS:
        first.call(look, name)
    now = inputs(files, before.gathered.memory, **more)
    second = Revision(first.finish(), changed_inputs(before, now), lambda r, frame: Ask(r, frame, now))
    fresh: Revision[Ask] = Revision(Memo(), (), lambda r, frame: Ask(r, frame, now))
    again = set()
    for name in LOOKS:
        runs = len(second.ran)
        assert second.call(look, name) == fresh.call(look, name), name
        if len(second.ran) > runs:
            again.add(name)
    return again


@pytest.mark.parametrize(
    ("edits", "again"),
    [
        ({}, set()),
        ({"a.yaml": A.replace("one", "two")}, {"get a", "find a", "of", "in x", "all"}),
        ({"b.yaml": B}, {"get b", "of", "keys", "in x", "all", "files"}),
        ({"b.yaml": ELSEWHERE}, {"of", "keys", "all", "files"}),
        ({"slice.yaml": SLICE + "ports: []\n"}, {"labelled cart", "all"}),
        ({"slice.yaml": SLICE.replace("cart", "stock")}, {"labelled cart", "labelled stock", "all"}),
        ({"b.yaml": BROKEN}, {"refused", "refused a", "refused in x", "all", "files"}),
        ({"p.xml": "<policies></policies>"}, {"file"}),
        ({"q.xml": "<policies />"}, {"files"}),
        ({"b.yaml": "a: ["}, {"unread", "files"}),
    ],
)
def test_files_that_change(edits: dict[str, str], again: set[str]) -> None:
    """Whoever looked at what changed looks again, and nobody else."""
    assert asked_again({**FILES, **edits}) == again


@pytest.mark.parametrize(
    ("more", "again"),
    [({"bind": "::1"}, "bind"), ({"run": True}, "run"), ({"replicas": True}, "replicas"), ({"now": 5.0}, "now")],
)
def test_choices_that_change(more: dict[str, object], again: str) -> None:
    """The same for what is no file."""
    assert asked_again(FILES, **more) == {again}
