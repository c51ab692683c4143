"""`tidegate policy test`: a user's own cases against a real Envoy, with everything behind it stood in for."""

from tidegate.runtime.policy_tests.judge import CaseResult, SuiteResult
from tidegate.runtime.policy_tests.report import to_junit, to_text
from tidegate.runtime.policy_tests.run import run_suites
from tidegate.runtime.policy_tests.suites import Suite, read_suites

__all__ = ["CaseResult", "Suite", "SuiteResult", "read_suites", "run_suites", "to_junit", "to_text"]
