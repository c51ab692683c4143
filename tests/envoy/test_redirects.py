"""Redirects in Envoy's shape; tests/compilers/test_redirects.py shows where they lead."""

from __future__ import annotations

import re

import pytest

from tidegate.envoy.redirects import CODES, redirect, with_hostname, without_port


@pytest.mark.parametrize("status", CODES)
def test_only_what_is_said_is_redirected(status: int) -> None:
    """Everything else is the request's; 301 is Envoy's default, and said all the same."""
    made = redirect(status=status, scheme=None, hostname=None, port=None, path={})
    assert made == {"response_code": CODES[status]}


LOCATIONS = [
    ("http://a.test:8080/b:1?c=d:2", "http://a.test/b:1?c=d:2", "http://o.test:8080/b:1?c=d:2"),
    ("https://a.test/b", "https://a.test/b", "https://o.test/b"),
    ("https://[::1]:8443/b", "https://[::1]/b", "https://o.test:8443/b"),
    ("https://[::1]/b", "https://[::1]/b", "https://o.test/b"),
    ("http://a.test:8080", "http://a.test", "http://o.test:8080"),
]


@pytest.mark.parametrize(("location", "portless", "renamed"), LOCATIONS)
def test_parts_of_a_location(location: str, portless: str, renamed: str) -> None:
    """The port goes, or the host changes; nothing else does."""
    for made, expected in ((without_port(), portless), (with_hostname("o.test"), renamed)):
        substitution = re.fullmatch(r'%CEL\(re\.extract\(.*, r"(.*)", r"(.*)"\)\)%', made["header"]["value"])
        assert substitution is not None
        found = re.fullmatch(substitution[1], location)
        assert found is not None
        assert found.expand(substitution[2]) == expected
