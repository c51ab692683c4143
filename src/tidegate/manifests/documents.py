"""Which documents are objects, and of which kind: the first look at a file's trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import kinds as kind_codes
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.meant import meant_kind, policy_of
from tidegate.manifests.objects import text_of
from tidegate.manifests.schema import alb
from tidegate.manifests.schema.kinds import (
    FOREIGN_KINDS,
    INGRESS_CLASSES,
    KINDS,
    KNOWN_KINDS,
    OURS,
    ROUTES,
    WAYS_OUT,
    Kind,
)
from tidegate.model import ObjectKey
from tidegate.sources import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.nodes import at

_POLICY: Final = "ApimPolicy"
_INGRESS: Final = ("networking.k8s.io", "Ingress")
_KUSTOMIZE: Final = "kustomize.config.k8s.io/"
_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml")
_CHANGES_NOTHING: Final = frozenset(("apiVersion", "kind", "metadata", "resources"))
"""What a Kustomization may say without its files meaning anything else than they do alone."""


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a kind that we read."""

    kind: Kind
    key: ObjectKey
    node: Mapping
    mistaken: bool = False
    """Its kind or group was written wrongly: it is not accepted, and only says what must answer 503."""


@dataclass(frozen=True, slots=True)
class Unidentified:
    """Meant to be an object of ours, but its kind or name cannot be told."""

    span: Span
    policy_of: str | None = None
    """The namespace, if a protecting policy was probably meant: what it was to cover must not be served without it."""


def identify(node: Node, found: Found) -> Iterator[Document | Unidentified]:
    """The objects of one document: none for trees that are no Kubernetes objects, many for a List."""
    if not isinstance(node, Mapping):
        yield from _in_no_list(node, found)
        return
    node = _with_api_version(node, found)
    version, kind = text_of(node.get("apiVersion")), text_of(node.get("kind"))
    if _is_kustomization(node, version, kind):
        if (place := _changing(node)) is not None:
            found.add(
                kind_codes.KUSTOMIZATION_UNAPPLIED,
                at=place,
                help="give it what `kubectl kustomize` prints, in a file of a directory of its own",
            )
        return
    if kind == "List" and version == "v1":
        items = node.get("items")
        for item in items.items if isinstance(items, Sequence) else ():
            yield from identify(item, found)
        return
    group, _, bare = (version or "").rpartition("/")
    entry = KINDS.get((group, kind or ""))
    if entry is None and (listed := tuple(_in_no_list(node, found))):
        yield from listed
        return
    if version is None or kind is None:
        if unfinished := _half_written(node, version=version, kind=kind, found=found):
            yield unfinished
        return
    if entry is None:
        if mistake := _unread(node, group=group, version=version, kind=kind, found=found):
            yield mistake
        return
    if bare not in entry.versions:
        mistaken = _mistaken(node, group=group, kind=kind)
        found.add(
            codes.VERSION_UNKNOWN,
            at=at(node, "apiVersion"),
            notes=_closed(mistaken),
            kind=kind,
            expected=_versions(entry),
            api_version=version,
        )
        yield mistaken
        return
    yield _named(node, entry, found)


def _is_kustomization(node: Mapping, version: str | None, kind: str | None) -> bool:
    """`kind` may be missing: the file's name is enough for kustomize. Flux has a Kustomization of its own."""
    if kind is None:
        return node.span.file.rpartition("/")[2] in _KUSTOMIZATIONS
    return kind == "Kustomization" and (version or _KUSTOMIZE).startswith(_KUSTOMIZE)


def _changing(node: Mapping) -> Span | None:
    """What of a Kustomization makes its result another than the files beside and below it."""
    listed = node.get("resources")
    for resource in listed.items if isinstance(listed, Sequence) else ():
        if (text_of(resource) or "").startswith("..") or "://" in (text_of(resource) or ""):
            return resource.span
    return next((entry.key_span for key, entry in node.entries.items() if key not in _CHANGES_NOTHING), None)


def _in_no_list(node: Node, found: Found) -> Iterator[Document | Unidentified]:
    """Objects of ours in a sequence that no List holds: none is accepted, and what they were to serve or to cover
    answers 503."""
    items = node.get("items") if isinstance(node, Mapping) else node
    for item in items.items if isinstance(items, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        version, kind = text_of(item.get("apiVersion")) or "", text_of(item.get("kind")) or ""
        group = version.rpartition("/")[0]
        if (group, kind) not in KINDS:
            continue
        mistaken = _mistaken(item, group=group, kind=kind)
        found.add(
            kind_codes.LIST_MISTAKEN,
            at=at(item, "kind"),
            kind=kind,
            notes=_closed(mistaken),
            help="write `apiVersion: v1` and `kind: List` above `items`, or a document for each object",
        )
        yield mistaken


def _with_api_version(node: Mapping, found: Found) -> Mapping:
    """Samples of Application Gateway for Containers say `version`; there it can mean nothing else."""
    version = text_of(node.get("version"))
    if version is None or "apiVersion" in node.entries or not version.startswith(f"{alb.GROUP}/"):
        return node
    entry = node.entries["version"]
    found.add(kind_codes.VERSION_FOR_API_VERSION, at=entry.key_span, kind=text_of(node.get("kind")) or "document")
    entries = {key: each for key, each in node.entries.items() if key != "version"}
    return replace(node, entries={"apiVersion": replace(entry, key="apiVersion"), **entries})


def _versions(kind: Kind) -> str:
    return " or ".join(f"`{kind.group}/{version}`" if kind.group else f"`{version}`" for version in kind.versions)


def _named(node: Mapping, kind: Kind, found: Found) -> Document | Unidentified:
    name, given = _name_and_namespace(node)
    if not name:
        found.add(codes.OBJECT_NAMELESS, at=at(node, "metadata").start, kind=kind.name)
        return Unidentified(node.span, policy_of(node, kind.group, kind.name))
    if given and not kind.namespaced:
        found.add(
            codes.NAMESPACE_ON_CLUSTER_KIND,
            at=at(node, "metadata", "namespace"),
            object=f"{kind.name} {name}",
            namespace=given,
        )
    return Document(kind, _key(kind, name, given), node)


def _name_and_namespace(node: Mapping) -> tuple[str | None, str | None]:
    metadata = node.get("metadata")
    if not isinstance(metadata, Mapping):
        return None, None
    return text_of(metadata.get("name")), text_of(metadata.get("namespace"))


def _key(kind: Kind, name: str, namespace: str | None) -> ObjectKey:
    return ObjectKey(kind.group, kind.name, (namespace or "default") if kind.namespaced else "", name)


def _mistaken(node: Mapping, *, group: str, kind: str) -> Document | Unidentified:
    """A document whose kind, group or version is wrong. A route or a protecting policy that it probably stands for is
    still read, so that it refuses what it was to serve or to cover."""
    name, namespace = _name_and_namespace(node)
    meant = meant_kind(node, group, kind)
    if meant is None or not name:
        return Unidentified(node.span, policy_of(node, group, kind))
    place = node.span.start
    written = {"apiVersion": f"{meant.group}/{meant.versions[0]}", "kind": meant.name}
    missing = {key: Entry(key, place, Scalar(text, place, text)) for key, text in written.items()}
    whole = replace(node, entries={**missing, **node.entries})
    return Document(meant, _key(meant, name, namespace), whole, mistaken=True)


def _half_written(
    node: Mapping, *, version: str | None, kind: str | None, found: Found
) -> Document | Unidentified | None:
    """`kind` without `apiVersion` (or the reverse) beside `metadata` or `spec` is an object somebody meant to write."""
    if (version is None) == (kind is None) or not ({"metadata", "spec"} & node.entries.keys()):
        return None
    present, missing = ("kind", "apiVersion") if version is None else ("apiVersion", "kind")
    found.add(codes.KIND_MISSING, at=node.entries[present].key_span, present=present, missing=missing)
    return _mistaken(node, group=(version or "").rpartition("/")[0], kind=kind or "")


def _unread(node: Mapping, *, group: str, version: str, kind: str, found: Found) -> Document | Unidentified | None:
    if kind in KNOWN_KINDS.get(group, ()):
        found.add(
            codes.KIND_UNSUPPORTED,
            at=at(node, "kind"),
            kind=kind,
            group=group,
            label="the group is known, this kind is not read yet",
            help=WAYS_OUT.get((group, kind), ""),
        )
        return None
    if group in OURS and kind not in FOREIGN_KINDS.get(group, ()):
        known = [name for known_group, name in KINDS if known_group == group]
        mistaken = _mistaken(node, group=group, kind=kind)
        found.add(
            codes.KIND_UNKNOWN,
            at=at(node, "kind"),
            notes=_closed(mistaken),
            api_version=version,
            kind=kind,
            help=did_you_mean(kind, known)
            or (f"kinds of {group or 'v1'}: {', '.join(sorted(known))}" if known else ""),
        )
        return mistaken
    if (meant_group := _meant_group(group, kind)) is not None:
        mistaken = _mistaken(node, group=meant_group, kind=kind)
        found.add(
            codes.GROUP_UNKNOWN,
            at=at(node, "apiVersion"),
            notes=_closed(mistaken),
            kind=kind,
            expected=_versions(KINDS[meant_group, kind]),
            api_version=version,
        )
        return mistaken
    name, _ = _name_and_namespace(node)
    what = f"{kind} `{name}`" if name else kind
    if (group, kind) == _INGRESS and (class_ := _ingress_class(node)) in INGRESS_CLASSES:
        found.add(
            kind_codes.INGRESS_REFUSED,
            at=at(node, "kind"),
            what=what,
            name=class_,
            help="say the same in a Gateway and HTTPRoutes",
        )
        return None
    found.add(codes.KIND_FOREIGN, at=at(node, "kind"), what=what, api_version=version)
    return None


def _ingress_class(node: Mapping) -> str | None:
    """The class of an Ingress, also where it is still an annotation."""
    spec, metadata = node.get("spec"), node.get("metadata")
    if isinstance(spec, Mapping) and (name := text_of(spec.get("ingressClassName"))):
        return name
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return text_of(annotations.get("kubernetes.io/ingress.class")) if isinstance(annotations, Mapping) else None


def _meant_group(group: str, kind: str) -> str | None:
    """The group that a foreign one probably stands for: one that has this kind, by nearly the same name."""
    having = [known for known, name in KINDS if name == kind and known]
    # Nobody else has an ApimPolicy.
    if kind == _POLICY and having:
        return having[0]
    # networking.k8s.io for gateway.networking.k8s.io
    return nearest(group, having) or next((each for each in having if group and each.endswith(f".{group}")), None)


def _closed(mistaken: Document | Unidentified) -> tuple[str, ...]:
    if isinstance(mistaken, Document):
        what = "its rules answer" if (mistaken.kind.group, mistaken.kind.name) in ROUTES else "what it covers answers"
        return (f"if it was never right before, {what} 503 until it is",)
    if mistaken.policy_of is None:
        return ()
    namespace = mistaken.policy_of
    return (
        f"if it was never right before, every route of namespace {namespace} answers 503: it may cover any of them",
    )
