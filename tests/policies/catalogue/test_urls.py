"""URLs in documents are judged as the runtime judges computed ones (tests/policies/lua/test_url.py)."""

from __future__ import annotations

import pytest

from tidegate.policies.catalogue.urls import ParsedUrl, is_guarded, parse_url


def test_parts() -> None:
    assert parse_url("HTTPS://A.example.com/x?y=1") == ParsedUrl("https", "a.example.com", 443, "/x", "y=1")
    six = parse_url("http://[2001:DB8::1]:81")
    assert isinstance(six, ParsedUrl)
    assert (six.authority, six.path) == ("[2001:db8::1]:81", "/")


@pytest.mark.parametrize(
    "text", ["", "a", "//a/", "ftp://a", "http://", "http://u@a/", "http://a:0/", "http://a:b/", "http://a b/"]
)
def test_what_is_none(text: str) -> None:
    assert isinstance(parse_url(text), str)


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "169.254.169.254", "0.0.0.0"]
)
def test_guarded(host: str) -> None:
    assert is_guarded(host)


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "2001:db8::1"])
def test_open(host: str) -> None:
    assert not is_guarded(host)
