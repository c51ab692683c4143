"""Which documents are objects, and of which kind: the first look at a file's trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.objects import text_of
from tidegate.manifests.schema.kinds import FOREIGN_KINDS, KINDS, KNOWN_KINDS, OURS, Kind
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, Node, Sequence
from tidegate.sources.nodes import at

_POLICY: Final = "ApimPolicy"


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a kind that we read."""

    kind: Kind
    key: ObjectKey
    node: Mapping


@dataclass(frozen=True, slots=True)
class Unidentified:
    """Meant to be an object of ours, but its kind or name cannot be told."""

    span: Span
    policy_of: str | None = None
    """The namespace, if an ApimPolicy was probably meant: what it was to cover must not be served without it."""


def identify(node: Node, found: Found) -> Iterator[Document | Unidentified]:
    """The objects of one document: none for trees that are no Kubernetes objects, many for a List."""
    if not isinstance(node, Mapping):
        return
    version, kind = text_of(node.get("apiVersion")), text_of(node.get("kind"))
    if version is None or kind is None:
        if unfinished := _half_written(node, version=version, kind=kind, found=found):
            yield unfinished
        return
    if kind == "List" and version == "v1":
        items = node.get("items")
        for item in items.items if isinstance(items, Sequence) else ():
            yield from identify(item, found)
        return
    group, _, bare = version.rpartition("/")
    entry = KINDS.get((group, kind))
    if entry is None:
        if mistake := _unread(node, group=group, version=version, kind=kind, found=found):
            yield mistake
        return
    if bare not in entry.versions:
        expected = " or ".join(f"`{group}/{v}`" if group else f"`{v}`" for v in entry.versions)
        meant = _policy_of(node, kind)
        found.add(
            codes.VERSION_UNKNOWN,
            at=at(node, "apiVersion"),
            notes=_closed(meant),
            kind=kind,
            expected=expected,
            api_version=version,
        )
        yield Unidentified(node.span, meant)
        return
    yield _named(node, entry, found)


def _named(node: Mapping, kind: Kind, found: Found) -> Document | Unidentified:
    metadata = node.get("metadata")
    name = text_of(metadata.get("name")) if isinstance(metadata, Mapping) else None
    if not name:
        found.add(codes.OBJECT_NAMELESS, at=at(node, "metadata").start, kind=kind.name)
        return Unidentified(node.span, _policy_of(node, kind.name))
    given = text_of(metadata.get("namespace")) if isinstance(metadata, Mapping) else None
    if given and not kind.namespaced:
        found.add(
            codes.NAMESPACE_ON_CLUSTER_KIND,
            at=at(node, "metadata", "namespace"),
            object=f"{kind.name} {name}",
            namespace=given,
        )
    namespace = (given or "default") if kind.namespaced else ""
    return Document(kind, ObjectKey(kind.group, kind.name, namespace, name), node)


def _half_written(node: Mapping, *, version: str | None, kind: str | None, found: Found) -> Unidentified | None:
    """`kind` without `apiVersion` (or the reverse) beside `metadata` or `spec` is an object somebody meant to write."""
    if (version is None) == (kind is None) or not ({"metadata", "spec"} & node.entries.keys()):
        return None
    present, missing = ("kind", "apiVersion") if version is None else ("apiVersion", "kind")
    found.add(codes.KIND_MISSING, at=node.entries[present].key_span, present=present, missing=missing)
    return Unidentified(node.span, _policy_of(node, kind or ""))


def _unread(node: Mapping, *, group: str, version: str, kind: str, found: Found) -> Unidentified | None:
    if kind in KNOWN_KINDS.get(group, ()):
        found.add(
            codes.KIND_UNSUPPORTED,
            at=at(node, "kind"),
            kind=kind,
            group=group,
            label="the group is known, this kind is not read yet",
        )
        return None
    if group in OURS and kind not in FOREIGN_KINDS.get(group, ()):
        known = [name for known_group, name in KINDS if known_group == group]
        meant = _policy_of(node, kind)
        found.add(
            codes.KIND_UNKNOWN,
            at=at(node, "kind"),
            notes=_closed(meant),
            api_version=version,
            kind=kind,
            help=did_you_mean(kind, known)
            or (f"kinds of {group or 'v1'}: {', '.join(sorted(known))}" if known else ""),
        )
        return Unidentified(node.span, meant)
    if (meant_group := _meant_group(group, kind)) is not None:
        versions = KINDS[meant_group, kind].versions
        meant = _policy_of(node, kind)
        found.add(
            codes.GROUP_UNKNOWN,
            at=at(node, "apiVersion"),
            notes=_closed(meant),
            kind=kind,
            expected=" or ".join(f"`{meant_group}/{one}`" for one in versions),
            api_version=version,
        )
        return Unidentified(node.span, meant)
    metadata = node.get("metadata")
    name = text_of(metadata.get("name")) if isinstance(metadata, Mapping) else None
    what = f"{kind} `{name}`" if name else kind
    found.add(codes.KIND_FOREIGN, at=at(node, "kind"), what=what, api_version=version)
    return None


def _meant_group(group: str, kind: str) -> str | None:
    """The group that a foreign one probably stands for: one that has this kind, by nearly the same name."""
    having = [known for known, name in KINDS if name == kind and known]
    # Nobody else has an ApimPolicy.
    return having[0] if kind == _POLICY and having else nearest(group, having)


def _policy_of(node: Mapping, kind: str) -> str | None:
    """The namespace of what was probably meant to be an ApimPolicy, by its kind or by its fields; else None."""
    spec, metadata = node.get("spec"), node.get("metadata")
    has_its_fields = isinstance(spec, Mapping) and {"targetRefs", "policy"} <= spec.entries.keys()
    if nearest(kind, [_POLICY]) is None and not has_its_fields:
        return None
    given = text_of(metadata.get("namespace")) if isinstance(metadata, Mapping) else None
    return given or "default"


def _closed(namespace: str | None) -> tuple[str, ...]:
    if namespace is None:
        return ()
    return (
        f"if it was never right before, every route of namespace {namespace} answers 503: it may cover any of them",
    )
