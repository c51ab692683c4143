"""The table of kinds and the schemas behind it."""

from __future__ import annotations

import pytest

from tidegate.manifests.schema.base import Schema, is_dns_name, refused
from tidegate.manifests.schema.gateway_api import regular_expression
from tidegate.manifests.schema.graph import ApplicationSpec
from tidegate.manifests.schema.kinds import FOREIGN_KINDS, KINDS, KNOWN_KINDS
from tidegate.manifests.schema.tidegate import ApimPolicySpec


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_kind_is_in_one_table_only(kind: object) -> None:
    """Read, still to come, or somebody else's."""
    group, name = kind.group, kind.name  # type: ignore[attr-defined]  # a Kind
    assert name not in KNOWN_KINDS.get(group, ())
    assert name not in FOREIGN_KINDS.get(group, ())


@pytest.mark.parametrize(
    "schema", [*Schema.__subclasses__(), ApplicationSpec, ApimPolicySpec], ids=lambda s: s.__name__
)
def test_field_is_honoured_refused_or_unread(schema: type[Schema]) -> None:
    """Never two of them."""
    fields = {info.alias or name for name, info in schema.model_fields.items()}
    assert not fields & schema.NOT_YET
    assert not fields & schema.ELSEWHERE
    assert not schema.NOT_YET & schema.ELSEWHERE
    assert set(schema.NOT_YET_VALUES) <= fields
    assert fields >= schema.NO_EFFECT
    assert fields >= schema.SHELL_TEXT | schema.SECRET


def test_refused_values_are_a_table() -> None:
    """By field."""
    assert refused(type=("a", "b")) == {"type": {"a", "b"}}


def test_pattern_that_re2_has_not() -> None:
    """Told before Envoy is asked."""
    assert regular_expression("/a+") == "/a+"
    with pytest.raises(ValueError, match="no lookaround"):
        regular_expression("/(?<!a)b")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a", True),
        ("a-b.c1", True),
        ("a" * 253, True),
        ("a" * 254, False),
        ("a..b", False),
        ("a>", False),
        (">a", False),
        ("-a", False),
        ("a-", False),
        ("A", False),
        ("", False),
        ("a\n", False),
    ],
)
def test_names_are_judged_whole(text: str, fits: bool) -> None:
    """As Kubernetes judges an RFC 1123 subdomain: of a label only its characters count, not its length."""
    assert is_dns_name(text) is fits
