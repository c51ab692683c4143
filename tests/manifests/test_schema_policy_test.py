"""PolicyTest: its rules, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.policy_test import PolicyTest
from tidegate.manifests.schema.tidegate import GROUP

STATUS = "expect: {status: 200}"


def case(request: str = "url: /a", more: str = STATUS, *, name: str = "a") -> str:
    return f"{{cases: [{{name: {name}, request: {{{request}}}, {more}}}]}}"


def header(value: str) -> str:
    return case(f"url: /a, headers: {{a: {value}}}")


RULES = [
    Rule(case("url: '/a?b=c'"), case("url: a"), "url` must be a path such as"),
    Rule(case("url: 'http://a.test:81/b'"), case("url: 'ftp://a.test/'"), "url` must be a path such as"),
    Rule(case("url: '/a%20b'"), case("url: '/a b'"), "url` must be a path such as"),
    Rule(case("url: 'https://a.test'"), case("url: 'https://'"), "url` must be a path such as"),
    Rule(case("url: 'http://a:1/'"), case("url: 'http://a:99999/'"), "url` must be a path such as"),
    Rule(case("url: /a, method: PATCH"), case("url: /a, method: get"), "method` must be a method in capital letters"),
    Rule(header("x"), header("1"), "a text, or a list of texts for several lines"),
    Rule(header("[x, z]"), header("[]"), "a text, or a list of texts for several lines"),
    Rule(header('"x\\ty"'), header('"x\\ny"'), "a text without line breaks"),
    Rule(case("url: /a, body: x"), case("url: /a, body: x, json: {}"), "left out beside `body`"),
    Rule(case("url: /a, clientAddress: 127.9.9.9"), case("url: /a, clientAddress: 127.0.0.256"), "127.0.0.0/8"),
    Rule(case(more=f"{STATUS}, repeat: 10000"), case(more=f"{STATUS}, repeat: 10001"), "repeat` must be at most 10000"),
    Rule(
        case(more=f"{STATUS}, answers: [{{times: 1}}]"), case(more=f"{STATUS}, answers: [{{times: 0}}]"), "at least 1"
    ),
    Rule(case(more="expect: {status: 599}"), case(more="expect: {status: 600}"), "status` must be at most 599"),
    Rule(case(), "{cases: []}", "`spec.cases` must be at least one entry"),
]


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_rule(rule: Rule) -> None:
    holds(GROUP, "PolicyTest", rule)


def test_lines_of_headers_are_tuples_once_read() -> None:
    """One line and several; none is expected where null stands."""
    expected = "expect: {headers: {gone: null, one: x, two: [x, z]}}"
    body, findings = read(GROUP, "PolicyTest", case(more=expected))
    assert findings == []
    assert isinstance(body, PolicyTest)
    assert body.spec.cases[0].expect.headers == {"gone": None, "one": ("x",), "two": ("x", "z")}
    _, findings = read(GROUP, "PolicyTest", header("null"))
    assert len(findings) == 1


def test_no_name_stands_twice() -> None:
    """The second one is told."""
    one = f"{{name: a, request: {{url: /a}}, {STATUS}}}"
    _, (finding,) = read(GROUP, "PolicyTest", f"{{cases: [{one}, {one}]}}")
    assert "spec.cases[1].name" in finding
