"""One file's objects. Pure and per file, so that an unchanged file is not read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tidegate.diagnostics import Diagnostic, Found
from tidegate.manifests.check import check
from tidegate.manifests.documents import Document, identify
from tidegate.manifests.salvage import salvage
from tidegate.manifests.schema import Resource
from tidegate.model import ObjectKey
from tidegate.sources import Mapping, Node, Source
from tidegate.sources.json import read_json
from tidegate.sources.nodes import to_plain
from tidegate.sources.yaml import read_yaml


@dataclass(frozen=True, slots=True)
class Candidate:
    """One object as its file has it now."""

    key: ObjectKey
    node: Mapping
    """What `body` was made of: the document, cut where it was salvaged."""
    document: Mapping
    """The whole document."""
    body: Resource | None
    """None: malformed, and nothing useful could be salvaged."""
    accepted: bool
    content: str
    """Digest of everything but metadata and status: what a generation counts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file came to."""

    digest: str
    """Of the text and of the values filled in."""
    candidates: tuple[Candidate, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    whole: bool = True
    """False when something of the file cannot be told to be which object: then nothing of it counts as deleted."""
    parsed: bool = True
    """False when nothing of the file could be read."""
    mistaken_policies: tuple[str, ...] = ()
    """Namespaces of documents that were probably meant to be ApimPolicies."""
    roots: tuple[Node, ...] = ()
    """The trees of all documents, for readers of other formats."""


def read_file(source: Source, values: AbstractMapping[str, str], *, before: Reading | None) -> Reading:
    """Read one YAML or JSON file; `before` is the last reading of the same path, taken over when nothing changed."""
    digest = hashlib.sha256(f"{source.digest}\n{sorted(values.items())}".encode()).hexdigest()
    if before is not None and before.digest == digest:
        return before
    found = Found()
    if PurePosixPath(source.path).suffix == ".json":
        tree = read_json(source, found, values)
        roots: tuple[Node, ...] = () if tree is None else (tree,)
    else:
        roots = read_yaml(source, found, values)
    if not roots and found.has_errors:
        return Reading(digest, diagnostics=found.sorted(), whole=False, parsed=False)
    candidates: list[Candidate] = []
    mistaken: list[str] = []
    whole = not found.has_errors
    for root in roots:
        for document in identify(root, found):
            if isinstance(document, Document):
                candidates.append(_candidate(document, found))
                whole = whole and not document.mistaken
            else:
                whole = False
                mistaken += [document.policy_of] if document.policy_of is not None else []
    return Reading(
        digest, tuple(candidates), found.sorted(), whole=whole, mistaken_policies=tuple(mistaken), roots=roots
    )


def _candidate(document: Document, found: Found) -> Candidate:
    node, schema, subject = document.node, document.kind.schema, str(document.key)
    body, wrong = check(node, schema, subject=subject, found=found)
    cut = node
    if body is None and (rest := salvage(node, schema, wrong, subject=subject)):
        salvaged, cut = rest
        return Candidate(document.key, cut, node, salvaged, accepted=False, content=_content(node))
    accepted = body is not None and not document.mistaken
    return Candidate(document.key, cut, node, body, accepted=accepted, content=_content(node))


def _content(node: Mapping) -> str:
    plain = {k: to_plain(e.node) for k, e in node.entries.items() if k not in ("metadata", "status")}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()
