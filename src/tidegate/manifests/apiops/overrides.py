"""`configuration.<environment>.yaml`: what one environment changes in the artifacts, as APIOps' publisher reads it.

    namedValues:
      - name: backend-url
        properties: {value: "http://localhost:9000"}

Sections are lists of entries; an entry goes over the artifact of its name, property by property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import apim as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.objects import text_of
from tidegate.sources import Entry, Mapping, Node, Sequence

SECTIONS: Final = {
    "namedValues": "named_values",
    "apis": "apis",
    "products": "products",
    "subscriptions": "subscriptions",
    "backends": "backends",
    "certificates": "certificates",
    "versionSets": "version_sets",
}
"""Section -> the table of the layout that it goes over."""
_IGNORED: Final = frozenset(
    (
        "apimServiceName", "loggers", "diagnostics", "gateways", "groups", "tags", "policyFragments", "policies",
        "servicePolicy", "apiNames", "productNames", "backendNames", "namedValueNames", "subscriptionNames",
        "versionSetNames", "loggerNames", "diagnosticNames", "gatewayNames", "groupNames", "tagNames",
        "policyFragmentNames", "workspaces", "workspaceNames", "apiSpecificationFormat",
    )
)  # fmt: skip
"""What concerns a service in Azure, or the extractor."""


@dataclass(frozen=True)
class Overrides:
    """One environment's, by section and name."""

    entries: dict[tuple[str, str], Mapping] = field(default_factory=dict)

    def get(self, section: str, name: str) -> Mapping | None:
        """The entry of one artifact."""
        return self.entries.get((section, name.lower()))

    def unknown(self, known: dict[str, frozenset[str]], found: Found) -> None:
        """Tell of entries without an artifact: their author expects something of them."""
        for (section, name), entry in self.entries.items():
            names = known.get(section, frozenset())
            if name not in {each.lower() for each in names}:
                found.add(
                    codes.OVERRIDE_UNUSED, at=entry.span.start, section=section, name=name,
                    help=did_you_mean(name, sorted(names)),
                )  # fmt: skip


def read_overrides(root: Node | None, found: Found) -> Overrides:
    """The entries of one file; what is not understood is told."""
    return Overrides(dict(_entries(root, found))) if root is not None else Overrides()


def _entries(root: Node, found: Found) -> Iterator[tuple[tuple[str, str], Mapping]]:
    if not isinstance(root, Mapping):
        found.add(codes.OVERRIDE_UNREADABLE, at=root.span, reason="is no mapping of sections")
        return
    for section, entry in root.entries.items():
        if section in _IGNORED:
            continue
        if section not in SECTIONS:
            found.add(
                codes.OVERRIDE_UNREADABLE, at=entry.key_span, reason=f"has a section `{section}` that nobody knows",
                help=did_you_mean(section, SECTIONS),
            )  # fmt: skip
            continue
        items = entry.node.items if isinstance(entry.node, Sequence) else ()
        if not isinstance(entry.node, Sequence):
            found.add(codes.OVERRIDE_UNREADABLE, at=entry.node.span, reason=f"has a `{section}` that is no list")
        for item in items:
            name = text_of(item.get("name")) if isinstance(item, Mapping) else None
            if not isinstance(item, Mapping) or name is None:
                found.add(codes.OVERRIDE_UNREADABLE, at=item.span, reason=f"has an entry in `{section}` without a name")
                continue
            yield (section, name.lower()), item


def overridden(root: Node, over: Mapping | None) -> Node:
    """The artifact with its entry's properties in the place of its own, mapping by mapping; places stay theirs."""
    if over is None or not isinstance(root, Mapping):
        return root
    properties = over.entries.get("properties")
    if properties is None:
        return root
    return _merged(root, Mapping({"properties": properties}, over.span))


def _merged(under: Mapping, over: Mapping) -> Mapping:
    entries = dict(under.entries)
    for key, entry in over.entries.items():
        below = entries.get(key)
        if below is not None and isinstance(below.node, Mapping) and isinstance(entry.node, Mapping):
            entries[key] = Entry(key, entry.key_span, _merged(below.node, entry.node))
        else:
            entries[key] = entry
    return Mapping(entries, under.span)
