"""Documents against their schemas: a rule is a spec that keeps it, one that breaks it, and what is said then."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Found
from tidegate.manifests.check import check
from tidegate.manifests.schema import KINDS, Resource
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml


@dataclass(frozen=True)
class Rule:
    """One rule of a kind."""

    kept: str
    """A spec in YAML's flow style."""
    broken: str
    said: str
    """Part of the one finding."""

    def __str__(self) -> str:
        return self.said


def read(group: str, kind: str, spec: str, *, version: str = "") -> tuple[Resource | None, list[str]]:
    """The document of a kind, if it is well formed, and every finding about it."""
    entry = KINDS[group, kind]
    prefix = f"{group}/" if group else ""
    text = f"apiVersion: {prefix}{version or entry.versions[0]}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n"
    found = Found()
    (node,) = read_yaml(Source("a.yaml", text), found, {})
    assert isinstance(node, Mapping)
    body, _ = check(node, entry.schema, subject=kind, found=found)
    return body, [each.message for each in found.sorted()]


def holds(group: str, kind: str, rule: Rule) -> None:
    """Assert that the rule is kept by the one spec and broken by the other, and that this is said once."""
    body, findings = read(group, kind, rule.kept)
    assert findings == []
    assert body is not None
    body, findings = read(group, kind, rule.broken)
    assert body is None
    assert [rule.said for each in findings if rule.said in each] == [rule.said], findings
    assert len(findings) == 1, findings
