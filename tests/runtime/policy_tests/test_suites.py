"""PolicyTests among the inputs."""

from __future__ import annotations

from compiling import codes, compiled
from tidegate.runtime.policy_tests.suites import read_suites

TEST = """\
apiVersion: tidegate.dev/v1alpha1
kind: PolicyTest
metadata: {name: NAME}
spec:
  cases:
    - {name: first, request: {url: /a}, expect: {status: 200}}
    - {name: second, request: {url: "http://a.test:8080/a"}, expect: {status: 200}}
"""


def test_suites_come_in_the_order_of_their_places() -> None:
    """Each case with its own."""
    compilation = compiled({"b.yaml": TEST.replace("NAME", "one"), "a.yaml": TEST.replace("NAME", "two")})
    assert codes(compilation) == []
    suites = read_suites(compilation)
    assert [suite.name for suite in suites] == ["default/two", "default/one"]
    assert [(case.name, span.line) for case, span in suites[0].cases] == [("first", 6), ("second", 7)]
    assert [case.name for case, _ in suites[0].only("sec").cases] == ["second"]


def test_what_is_wrong_is_told_at_its_place() -> None:
    """By `check` and by `policy test` alike."""
    wrong = TEST.replace("NAME", "x").replace("url: /a", "url: a, clientAddress: 10.0.0.1, body: a, json: 1")
    compilation = compiled(wrong)
    assert {(d.code.slug, d.span.line) for d in compilation.diagnostics if d.span} == {("field-value", 6)}
    assert read_suites(compilation) == ()
    again = compiled(TEST.replace("NAME", "x").replace("second", "first"))
    assert "a name that no other case has" in again.diagnostics[0].message
