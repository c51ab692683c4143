"""The parts on the Gateway API's features and on Application Gateway for Containers' fields."""

from __future__ import annotations

import pytest

from scripts.pages.standards import counted, features, fields, linked, rate_limits, table
from tidegate.manifests.schema.support import differs, no, yes


def test_every_feature_has_its_row() -> None:
    """With its verdict, and with the reason where there is one; the kind stands in its first row only."""
    text = features()
    assert "| HTTPRoute | `HTTPRoute` | yes |  |\n|  | `HTTPRouteDestinationPortMatching` | yes |" in text
    assert "| `GatewayInfrastructurePropagation` | differs | read and checked" in text


def test_what_has_no_feature_name_is_told_beside() -> None:
    """Retries and sessions, Services, probes."""
    table = "What no feature name speaks of:\n\n| | | |\n| --- | --- | --- |\n| HTTPRoute `retry` | differs |"
    assert table in features()


def test_every_kind_has_its_table() -> None:
    """Field by field."""
    text = fields()
    assert "### HealthCheckPolicy (fields)\n\n| field |" in text
    assert "| `spec.override` | no | as the product: the policy is not accepted (OverrideNotSupported) |" in text


def test_decisions_are_linked() -> None:
    """To a page that is there."""
    assert linked("so (decisions/0006)") == "so ([decision 0006](decisions/0006-ports-of-redirects.md))"
    with pytest.raises(FileNotFoundError, match="no decision 9999"):
        linked("so (decisions/9999)")


def test_rows_are_counted_in_words() -> None:
    """What is honoured comes first."""
    rows = {"a": (yes("a"), no("b", "why")), "b": (yes("c"), differs("d", "how"))}
    assert counted(rows) == "2 yes, 1 no, 1 differs."
    assert table(rows["a"]).endswith("| `a` | yes |  |\n| `b` | no | why |\n")


def test_rate_limits_have_an_example_and_every_key() -> None:
    """The example is the schema's own; a test of the schema holds it."""
    text = rate_limits()
    assert "kind: RateLimitPolicy" in text
    assert all(f"| `{kind}`" in text for kind in ("Everyone", "ClientAddress", "Header", "Claim"))
