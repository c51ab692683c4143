"""docs/supported.md as a whole."""

from __future__ import annotations

from scripts.pages.supported_page import render
from tidegate.manifests.apiops import schema


def test_the_parts_stand_in_order() -> None:
    """Manifests, APIOps folders, policies, expressions, token service."""
    text = render()
    parts = ("Manifests", "APIOps folders", "Policies", "Expressions", "Token service")
    places = [text.index(f"## {name}\n") for name in parts]
    assert places == sorted(places)


def test_fields_of_apiops_files_come_from_their_schemas() -> None:
    """As with manifests: what is refused is named."""
    text = render()
    assert "`apiVersionSetId`" in text
    for name, table in vars(schema).items():
        if name.endswith("Information"):
            assert f"### {name[0].lower()}{name[1:]}.json\n" in text, table
    backends = text.split("### backendInformation.json\n")[1].split("\n### ")[0]
    honoured, refused = backends.split("- Refused")[:2]
    assert "`properties.credentials.authorization`: `scheme`" in honoured
    assert "`managedIdentity`" in refused.split("- Accepted")[0]
