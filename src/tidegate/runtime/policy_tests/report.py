"""Results for people and for CI."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from tidegate.runtime.policy_tests.judge import CaseResult, SuiteResult

# XML 1.0 section 2.2: what may not stand in a document, however it is escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_text(suites: Sequence[SuiteResult], *, verbose: bool) -> str:
    """What failed and why; with `verbose` also what passed."""
    return "\n".join(_lines(suites, verbose=verbose))


def _lines(suites: Sequence[SuiteResult], *, verbose: bool) -> Iterator[str]:
    for suite in suites:
        for case in suite.cases:
            if case.problems:
                yield f"FAILED {case.span.file}:{case.span.line}: {suite.name}: {case.name}"
                yield from (f"    {problem}" for problem in case.problems)
                if case.trace:
                    yield "    what the policies did:"
                    yield from (f"      {line}" for line in case.trace)
            elif verbose:
                yield f"passed {case.span.file}:{case.span.line}: {suite.name}: {case.name}"
    cases = sum(len(suite.cases) for suite in suites)
    failed = sum(suite.failed for suite in suites)
    seconds = sum(case.seconds for suite in suites for case in suite.cases)
    yield f"{cases - failed} passed, {failed} failed in {seconds:.2f} s"


def to_junit(suites: Sequence[SuiteResult]) -> str:
    """JUnit's XML, in the shape that CI servers read."""
    root = Element("testsuites")
    for suite in suites:
        at = SubElement(
            root,
            "testsuite",
            name=_text(suite.name),
            tests=str(len(suite.cases)),
            failures=str(suite.failed),
            errors="0",
            skipped="0",
            time=f"{sum(case.seconds for case in suite.cases):.3f}",
        )
        for case in suite.cases:
            _case(at, suite, case)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(at: Element, suite: SuiteResult, case: CaseResult) -> None:
    element = SubElement(
        at,
        "testcase",
        classname=_text(suite.name),
        name=_text(case.name),
        file=_text(case.span.file),
        line=str(case.span.line),
        time=f"{case.seconds:.3f}",
    )
    if case.problems:
        failure = SubElement(element, "failure", message=_text(case.problems[0]))
        failure.text = _text("\n".join((*case.problems, *case.trace)))


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
