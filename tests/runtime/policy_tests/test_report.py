"""Results for people and for CI."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

from tidegate.diagnostics import Span
from tidegate.runtime.policy_tests.judge import CaseResult, SuiteResult
from tidegate.runtime.policy_tests.report import to_junit, to_text

PLACE = Span("tests.yaml", 7, 9, 7, 20)
SUITE = SuiteResult(
    "default/tasks",
    "tests.yaml",
    (
        CaseResult("passes", PLACE, 0.25),
        CaseResult('fails <&"\x00', PLACE, 0.5, ("status: expected 200, got 500",), ("set-header X-A",)),
    ),
)


def test_text_says_what_failed_and_why() -> None:
    """Each failure with its place, what differed, and what the policies did."""
    assert to_text([SUITE], verbose=False).splitlines() == [
        'FAILED tests.yaml:7: default/tasks: fails <&"\x00',
        "    status: expected 200, got 500",
        "    what the policies did:",
        "      set-header X-A",
        "1 passed, 1 failed in 0.75 s",
    ]
    assert "passed tests.yaml:7: default/tasks: passes" in to_text([SUITE], verbose=True)


def test_junit_is_well_formed_whatever_names_hold() -> None:
    """A name may hold what XML cannot: it is shown as U+FFFD."""
    root = fromstring(to_junit([SUITE]))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    passed, failed = suite
    assert list(passed) == []
    assert failed.get("name") == 'fails <&"\ufffd'
    (failure,) = failed
    assert failure.get("message") == "status: expected 200, got 500"
    assert failure.text == "status: expected 200, got 500\nset-header X-A"
