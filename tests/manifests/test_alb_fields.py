"""Fields of Application Gateway for Containers' kinds: none without a row, no row without a field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.pages.kinds import fields_of
from tidegate.manifests.schema import KINDS, Kind
from tidegate.manifests.schema.alb import GROUP
from tidegate.manifests.schema.alb_fields import ALB_FIELDS
from tidegate.manifests.schema.support import Honoured, Support

TESTS = Path(__file__).parent.parent

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


def _shown() -> str:
    """Everything that the tests of these kinds write."""
    files = [*(TESTS / "gateway").glob("test_alb*.py"), *(TESTS / "testdata" / "manifests" / "alb").glob("*.in.yaml")]
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(files))


@pytest.mark.parametrize(
    "row",
    [row for rows in ALB_FIELDS.values() for row in rows if row.honoured is not Honoured.NO],
    ids=lambda row: row.name,
)
def test_every_claimed_field_is_written_in_a_test(row: Support) -> None:
    """Through a real Envoy, or in a golden of what the policies come to."""
    field = row.name.rpartition(".")[2].removesuffix("[]")
    assert re.search(rf"\b{field}:", _shown())


def _stands_for(row: str, path: str) -> bool:
    return path == row or path.startswith(f"{row}.")
