"""All files together; what is not read again, and what is remembered."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.documents import Document, Unidentified, identify
from tidegate.manifests.gather import Gathered, Memory, gather
from tidegate.manifests.objects import State
from tidegate.manifests.reading import read_file
from tidegate.manifests.schema.core import Service
from tidegate.sources import Source, SourceSet
from tidegate.sources.yaml import read_yaml

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n"


def read(files: dict[str, str], before: Memory = Memory()) -> Gathered:  # noqa: B008 - a Memory is frozen
    return gather(sources_of(files), before, Found())


def test_unchanged_file_is_not_read_again() -> None:
    """The same text and the same values give the same reading, as the same object."""
    source = Source("a.yaml", SERVICE)
    first = read_file(source, {}, before=None)
    assert read_file(source, {}, before=first) is first
    assert read_file(source, {"A": "b"}, before=first) is not first


def test_findings_of_an_unchanged_file_are_told_again() -> None:
    """Every compilation says everything that is wrong."""
    files = {"a.yaml": SERVICE.replace("port: 80", "prot: 80")}
    first = read(files)
    found = Found()
    gather(sources_of(files), first.memory, found)
    assert [d.code.code for d in found] == ["TG1110"]


def test_states_of_an_object() -> None:
    """Accepted, kept after a malformed change, refused when it never was right."""
    bad = SERVICE.replace("{name: a}", "{name: a, name_: b}")
    good = read({"a.yaml": SERVICE})
    (kept,) = read({"a.yaml": bad}, good.memory).manifests
    assert (kept.state, kept.generation, kept.newest_generation) == (State.KEPT, 1, 1)
    fresh = read({"a.yaml": bad})
    assert not list(fresh.manifests)
    assert len(fresh.manifests.refused) == 1
    assert fresh.documents


def test_object_that_moves_to_another_file_stays_one() -> None:
    """Its old file no longer has it, and that is no deletion."""
    first = read({"a.yaml": SERVICE})
    (moved,) = read({"b.yaml": SERVICE}, first.memory).manifests
    assert (moved.file, moved.state) == ("b.yaml", State.ACCEPTED)


def test_broken_file_keeps_nothing_that_another_declares() -> None:
    """The last good version is for what would be lost, not for what is declared anew."""
    first = read({"a.yaml": SERVICE})
    (other,) = read({"a.yaml": "a: [", "b.yaml": SERVICE}, first.memory).manifests
    assert other.file == "b.yaml"


def test_second_break_still_keeps_the_good_version() -> None:
    """Through any number of broken edits."""
    memory = read({"a.yaml": SERVICE}).memory
    for text in ("a: [", "b: {", SERVICE.replace("port: 80", "port: x")):
        gathered = read({"a.yaml": text}, memory)
        (kept,) = gathered.manifests
        assert kept.state is State.KEPT
        memory = gathered.memory


def test_unread_files_are_those_without_a_good_version() -> None:
    """They may hold anything."""
    assert read({"a.yaml": "a: ["}).unread == ("a.yaml",)
    assert read({"a.yaml": "a: ["}, read({"a.yaml": SERVICE}).memory).unread == ()
    assert read({"a.json": '{"a": '}).unread == ("a.json",)


def test_hidden_file_keeps_its_objects_and_a_deleted_one_does_not() -> None:
    """A folder that cannot be listed hides everything below."""
    memory = read({"x/a.yaml": SERVICE}).memory
    for hidden in ("x/a.yaml", "x", ""):
        kept = gather(SourceSet({}, (), {}, frozenset([hidden])), memory, Found())
        assert [each.state for each in kept.manifests] == [State.KEPT]
    assert not list(gather(SourceSet({}, (), {}, frozenset(["y"])), memory, Found()).manifests)


def test_what_is_no_object_is_nobodys() -> None:
    """Text, lists, and mappings without apiVersion and kind are other programs' files."""
    for text in ("just text", "[1, 2]", "name: package", "kind: x", "openapi: 3.0.0"):
        (root,) = read_yaml(Source("a.yaml", text), Found(), {})
        found = Found()
        assert list(identify(root, found)) == []
        assert not found


def test_list_is_unrolled_and_tells_documents_apart() -> None:
    """Items are identified one by one."""
    items = "[{apiVersion: v1, kind: Service, metadata: {name: a}}, {apiVersion: v1, kind: X}]"
    text = f"apiVersion: v1\nkind: List\nitems: {items}"
    (root,) = read_yaml(Source("a.yaml", text), Found(), {})
    first, second = identify(root, Found())
    assert isinstance(first, Document)
    assert isinstance(second, Unidentified)


def test_a_foreign_object_without_a_name_is_told_by_its_kind() -> None:
    """A skaffold.yaml needs no metadata."""
    found = Found()
    gather(sources_of({"skaffold.yaml": "apiVersion: skaffold/v4beta13\nkind: Config\n"}), Memory(), found)
    (told,) = found
    assert told.message == "nothing is done with Config of skaffold/v4beta13"


_SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: %s}
spec: {ports: [{port: %s}]}
"""
_PIECES = st.sampled_from(
    [
        "",
        _SERVICE % ("a", "80"),
        _SERVICE % ("a", "81"),
        _SERVICE % ("b", "80"),
        _SERVICE % ("b", "wrong"),
        "kind: Service\nmetadata: {name: c}\n",
        "a: [",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {listeners: 3}\n",
        "apiVersion: tidegate.dev/v1alpha1\nkind: ApimPolice\nmetadata: {name: p}\nspec: {}\n",
    ]
)
_EDITS = st.tuples(st.sampled_from(["a.yaml", "b.yaml", "c.yaml"]), st.none() | st.lists(_PIECES, max_size=3))


@example(
    edits=[
        ("a.yaml", [_SERVICE % ("b", "80")]),
        ("a.yaml", [_SERVICE % ("b", "wrong")]),
        ("b.yaml", [_SERVICE % ("b", "wrong")]),
        ("a.yaml", None),
    ],
    hidden=False,
)
@settings(max_examples=50)
@given(edits=st.lists(_EDITS, max_size=8), hidden=st.booleans())
def test_taking_over_what_did_not_change_comes_to_the_same(
    edits: list[tuple[str, list[str] | None]], hidden: bool
) -> None:
    """Whatever is edited, broken, mended and removed: as if every file had been read anew."""
    files: dict[str, Source] = {}
    memory = Memory()
    for path, pieces in edits:
        files.pop(path, None)
        if pieces is not None:
            files[path] = Source(path, "---".join(pieces))
        sources = SourceSet(dict(sorted(files.items())), (".",), {}, frozenset({"b.yaml"} if hidden else ()))
        followed, anew = Found(), Found()
        now = gather(sources, memory, followed)
        expected = gather(sources, memory.forgetting(), anew)
        assert followed.sorted() == anew.sorted()
        assert now.manifests.by_key() == expected.manifests.by_key()
        assert list(now.manifests) == list(expected.manifests)
        assert now.manifests.of(Service) == expected.manifests.of(Service)
        assert now.manifests.in_namespace(Service, "default") == expected.manifests.in_namespace(Service, "default")
        assert now.manifests.refused == expected.manifests.refused
        assert now.documents == expected.documents
        assert (now.unread, now.mistaken_policies) == (expected.unread, expected.mistaken_policies)
        assert (now.memory.good, now.memory.counted) == (expected.memory.good, expected.memory.counted)
        assert now.memory.kept == expected.memory.kept
        before = memory.manifests.by_key()
        after = now.manifests.by_key()
        unchanged = before.keys() & after.keys() - (now.changed or frozenset(after))
        assert all(after[key] is before[key] for key in unchanged)
        memory = now.memory
