"""emit-metric: its bounds, and what it becomes. What is written is in tests/policies/envoy/test_sinks.py."""

from __future__ import annotations

import re

import pytest

from policy_programs import document_text, problems, program
from tidegate.policies.catalogue.emit_metric import DEFAULTS, MAX_DIMENSIONS

ONE = '<dimension name="who" value="x" />'


@pytest.mark.parametrize(
    ("policy", "codes"),
    [
        (f"<emit-metric>{ONE}</emit-metric>", ["TG2011"]),
        (f'<emit-metric name="@(1)">{ONE}</emit-metric>', ["TG2014"]),
        (f'<emit-metric name="m">{ONE * MAX_DIMENSIONS}</emit-metric>', []),
        (f'<emit-metric name="m">{ONE * (MAX_DIMENSIONS + 1)}</emit-metric>', ["TG2009"]),
        ('<emit-metric name="m"><dimension value="x" /></emit-metric>', ["TG2011"]),
        ('<emit-metric name="m"><dimension name="who" /></emit-metric>', ["TG2012"]),
        ('<emit-metric name="m"><dimension name="who" value="x" unit="s" /></emit-metric>', ["TG2010"]),
        (f'<emit-metric name="m">{ONE}<other /></emit-metric>', ["TG2008"]),
    ],
)
def test_findings(policy: str, codes: list[str]) -> None:
    assert [problem.split(" ")[1] for problem in problems(document_text(policy))] == codes


def test_every_default_dimension_needs_no_value() -> None:
    """And has none in the call: the runtime knows it."""
    inside = "".join(f'<dimension name="{name}" />' for name in DEFAULTS)
    lua = program(document_text(f'<emit-metric name="m">{inside}</emit-metric>')).lua
    assert f'R.emit_metric(q, "m", "API Management", "1", {{{{"{DEFAULTS[0]}", nil}}, ' in lua
    assert lua.count(", nil}") == len(DEFAULTS)


def test_a_default_dimension_may_be_given_a_value() -> None:
    built = program(
        document_text(
            '<emit-metric name="m" value="2" namespace="n"><dimension name="User ID" value="u" /></emit-metric>'
        )
    )
    assert re.search(
        r'v(\d+) = "2"\s+local v(\d+) = "u"\s+R.emit_metric\(q, "m", "n", v\1, \{\{"User ID", v\2, true\}\}\)',
        built.lua,
    )
    assert built.steps[0].text == "emit-metric n/m by User ID"
