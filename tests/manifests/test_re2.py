"""Which regular expressions are refused before Envoy sees them."""

from __future__ import annotations

import random

import pytest

from real_envoy import refusal
from tidegate.envoy import AdminSocket, bootstrap
from tidegate.manifests import re2

_FILTERS = "type.googleapis.com/envoy.extensions.filters"
GOOD = [
    "", "/", "/a{1,100}", "(?P<n>a)(?<m>b)", r"\Qa.b\E", r"\Qopen", "[[:alpha:]]+[[:^digit:]]", r"\pN\p{Lu}\P{L}",
    "(?i:a)(?s-i)b", "x{", "a{,5}", "a{01}", "[]a]", "[^]a]", "[a-]", "[-a]", r"[\d\-\]]", r"[\x41-\x{5a}\n]",
    r"\07\012\x41\z\A\b\B\C", r"\_\.\-\/", "^*", "(|a)*", "(?U)a+", "()", "a*?b+?c??d{2}?", "é{2}", "a|b|",
    r"\a\f\t\n\r\v", "[a-z&&0]", r"[\pL\p{Nd}]", "}", "]",
]  # fmt: skip
BAD = {
    "(a": "never closed",
    "a)": "closes nothing",
    "*a": "nothing to repeat",
    "a|+": "nothing to repeat",
    "(*a)": "nothing to repeat",
    "(?i)*": "nothing to repeat",
    "a**": "repeats a repetition",
    "a*+": "repeats a repetition",
    "a{2}{3}": "repeats a repetition",
    "a??+": "repeats a repetition",
    "a{1001}": "more than 1000 times",
    "a{2,1001}": "more than 1000 times",
    "a{3,2}": "backwards",
    "((a{20}){20}){20}": "nested repetitions",
    "(?=a)": "no `(?=`",
    "(?<=a)": "no `(?<=`",
    "(?P=n)": "no `(?P=`",
    "(?P>n)": "no `(?P>`",
    "(?x)a": "no `(?x`",
    "(?": "no `(?`",
    r"\1": r"no `\1`",
    r"\8": r"no `\8`",
    r"\Z": r"no `\Z`",
    r"\h": r"no `\h`",
    "\\": "escapes nothing",
    "\\é": r"no `\...`",
    r"\x4": r"no `\x`",
    r"\x{100}": "no byte",
    r"\777": "no byte",
    r"\p{Greek}": "no class of characters here",
    r"\pQ": "no class of characters here",
    "[a": "never closed",
    "[z-a]": "ends before it begins",
    r"[a-\d]": r"no `\d`",
    "[[:foo:]]": "no class of characters",
    r"[\b]": r"no `\b`",
    "(" * 300: "nested more than 200 deep",
    "(?:[a-z]{900}){2}": "nested repetitions",
    "(?:[abcdefghij]{900})": "more than 5000 instructions",
}


@pytest.mark.parametrize("pattern", GOOD)
def test_patterns_of_re2(pattern: str) -> None:
    """What RE2 reads is taken, oddities among it."""
    assert re2.problem(pattern) == ""


@pytest.mark.parametrize("pattern", BAD, ids=range(len(BAD)))
def test_what_re2_refuses(pattern: str) -> None:
    """Each with what is wrong, in words that the author can act on."""
    assert BAD[pattern] in re2.problem(pattern)


def test_what_is_taken_a_real_envoy_takes() -> None:
    """One pattern that Envoy refused would keep it from taking any change: 2,000 patterns made of RE2's own pieces."""
    chance = random.Random(7)
    pieces = [
        *"ab/.*+?|()[]{}^$-\\,019é",
        *GOOD,
        "(?i)",
        "(?:",
        "[^",
        r"\d",
        "[:alpha:]",
        "{2}",
        "a-z",
        "*?",
        "){2}",
        r"\E",
    ]
    patterns = list(GOOD)
    while len(patterns) < 2000:
        pattern = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 10)))
        if pattern and not re2.problem(pattern):
            patterns.append(pattern)
    assert refusal(_validating([pattern for pattern in patterns if pattern])) == ""


def test_what_is_refused_envoy_refuses_too() -> None:
    """Nothing is refused for its own sake, but for what says so in the module: too much, too deep, and classes."""
    for pattern in ("a**", "(?=a)", r"\1", "a{1001}", "[z-a]", "[[:foo:]]", r"\x{100}", "(a"):
        assert refusal(_validating([pattern])) != ""


def _validating(patterns: list[str]) -> dict[str, object]:
    routes = [{"match": {"safe_regex": {"regex": each}}, "direct_response": {"status": 200}} for each in patterns]
    manager = {
        "@type": f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "x",
        "route_config": {"virtual_hosts": [{"name": "x", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{_FILTERS}.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "name": "x",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return {
        "static_resources": {"listeners": [listener]},
        "layered_runtime": bootstrap("validate", "/unused", AdminSocket("/unused"))["layered_runtime"],
    }
