"""The part on manifests."""

from __future__ import annotations

from scripts.pages.kinds import Fields, fields_of, refused_kinds, render, section
from tidegate.manifests.schema import KINDS


def test_fields_are_read_from_the_schema() -> None:
    """What the schema honours, refuses and ignores, each with the mapping it stands in."""
    fields = fields_of(KINDS["gateway.networking.k8s.io", "HTTPRoute"].schema)
    assert ("spec.rules[].backendRefs[]", "weight") in fields.honoured
    assert ("spec.rules[].filters[]", "type: ExtensionRef") in fields.refused
    assert ("spec.rules[].sessionPersistence", "idleTimeout") in fields.refused


def test_fields_that_change_nothing_are_not_called_honoured() -> None:
    """They are checked, and listed with what is accepted without effect."""
    fields = fields_of(KINDS["gateway.networking.k8s.io", "Gateway"].schema)
    assert ("spec.infrastructure", "labels{}") in fields.unread
    assert ("spec.infrastructure", "labels{}") not in fields.honoured


def test_kind_that_is_refused_as_a_whole_says_what_is_lost() -> None:
    """None of its fields is listed."""
    kind = KINDS["alb.networking.azure.io", "WebApplicationFirewallPolicy"]
    text = section(kind, fields_of(kind.schema))
    assert "Read, and refused as a whole: lost are the rules of Azure's firewall" in text
    assert "`spec" not in text


def test_what_all_kinds_share_is_left_to_the_top_of_the_page() -> None:
    """metadata, apiVersion and kind are not repeated; a field of that name further down is kept."""
    for kind in KINDS.values():
        fields = fields_of(kind.schema)
        for parent, name in (*fields.honoured, *fields.refused, *fields.unread):
            assert not (parent or name).startswith("metadata")
            assert parent or name not in {"apiVersion", "kind", "status"}


def test_fields_are_grouped_by_their_mapping() -> None:
    """One line for each mapping; empty lists are left out."""
    kind = KINDS["", "Secret"]
    text = section(kind, Fields((("spec", "a"), ("spec.b[]", "c"), ("spec", "d")), (), ()))
    assert "- Honoured:\n  - `spec`: `a`, `d`\n  - `spec.b[]`: `c`\n" in text
    assert "Refused" not in text


def test_every_kind_has_its_section() -> None:
    """No kind of the table is left out."""
    text = render()
    assert all(f"### {kind.name}\n" in text for kind in KINDS.values())


def test_kinds_that_are_refused_are_named() -> None:
    """A group without such kinds has no row."""
    assert "| `g` | A, B |" in refused_kinds({"g": frozenset(("B", "A")), "empty": frozenset()})
    assert "empty" not in refused_kinds({"g": frozenset(("B",)), "empty": frozenset()})
