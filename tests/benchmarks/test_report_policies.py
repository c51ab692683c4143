"""The section on policies by themselves."""

from __future__ import annotations

from benchmarks.apis import Apis
from benchmarks.policy_cases import Case
from benchmarks.policy_costs import Comparison, Cost, PolicyCosts
from benchmarks.report_policies import section


def test_each_figure_stands_in_its_table() -> None:
    """Policies, expressions, combinations, and many APIs."""
    costs = PolicyCosts(
        25.4,
        (Cost(Case("set-header"), 1.24, 1.0, 2.0), Cost(Case("regex", family="expression"), 9.0, 8.0, 10.0)),
        (Comparison(Case("combination-headers"), 0.91, 0.8, 1.0),),
    )
    text = "\n".join(section(costs, Apis(500, 10, 4.2, 33.0, 7.5, 9.0)))
    assert "empty pipeline takes 25 us" in text
    assert "| set-header | 1.2 (1.0 to 2.0) |" in text
    assert "| regex | 9.0 (8.0 to 10.0) |" in text
    assert "| headers | at least 0.8 | **0.91** (0.80 to 1.00) |" in text
    assert "| compiled from nothing, processor time | below 5 s | 4.20 s |" in text


def test_what_was_not_measured_is_left_out() -> None:
    """`--only` measures a part."""
    assert section(None, None) == []
