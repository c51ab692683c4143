"""The parts of docs/supported.md on the Gateway API's features and on Application Gateway for Containers' fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidegate.manifests.schema.alb_fields import ALB_FIELDS
from tidegate.manifests.schema.gateway_api.features import FEATURES
from tidegate.manifests.schema.support import Support


def features() -> str:
    """One table: every feature name, by kind."""
    rows = "".join(
        f"| {kind if index == 0 else ''} | `{each.name}` | {each.honoured} | {each.note} |\n"
        for kind, features_ in FEATURES.items()
        for index, each in enumerate(features_)
    )
    return (
        f"{counted(FEATURES)}\n\n| kind | feature | | how it differs, or why not |\n| --- | --- | --- | --- |\n{rows}"
    )


def fields() -> str:
    """A table for each kind: every field."""
    return "\n".join(f"### {kind} (fields)\n\n{table(rows)}" for kind, rows in ALB_FIELDS.items())


def table(rows: Iterable[Support]) -> str:
    """One row a field."""
    lines = "".join(f"| `{each.name}` | {each.honoured} | {each.note} |\n" for each in rows)
    return f"| field | | how it differs, or why not |\n| --- | --- | --- |\n{lines}"


def counted(groups: Mapping[str, Iterable[Support]]) -> str:
    """How many rows of each verdict there are, in words."""
    verdicts = [each.honoured for rows in groups.values() for each in rows]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts), reverse=True)) + "."
