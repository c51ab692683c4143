"""Fields of Application Gateway for Containers' kinds: none without a row, no row without a field."""

from __future__ import annotations

import pytest

from scripts.pages.kinds import fields_of
from tidegate.manifests.schema import KINDS, Kind
from tidegate.manifests.schema.alb import GROUP
from tidegate.manifests.schema.alb_fields import ALB_FIELDS

OURS = [kind for kind in KINDS.values() if kind.group == GROUP]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_every_field_has_a_row(kind: Kind) -> None:
    """Its own, or that of a field above it."""
    rows = {row.name for row in ALB_FIELDS[kind.name]}
    fields = fields_of(kind.schema)
    paths = [f"{parent}.{name}" for parent, name in (*fields.honoured, *fields.refused, *fields.unread)]
    assert [path for path in paths if not any(_stands_for(row, path) for row in rows)] == []
    assert [row for row in rows if not any(_stands_for(row, path) for path in paths)] == []


def test_every_kind_has_rows() -> None:
    """No more and no fewer."""
    assert set(ALB_FIELDS) == {kind.name for kind in OURS}


def _stands_for(row: str, path: str) -> bool:
    return path == row or path.startswith(f"{row}.")
