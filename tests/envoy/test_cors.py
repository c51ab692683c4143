"""Patterns of origins; tests/compilers/test_cors.py shows them at work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.envoy.cors import cors_override, origins_regex

_LABELS = st.from_regex(r"[a-z]([a-z0-9-]{0,5}[a-z0-9])?(\.[a-z]{2,3}){1,2}", fullmatch=True)
_SCHEMES = st.sampled_from(["http", "https"])
_PORTS = st.sampled_from(["", ":80", ":443", ":8443"])


def _allows(origins: list[str], origin: str) -> bool:
    return re.fullmatch(origins_regex(origins), origin) is not None


@given(_SCHEMES, _LABELS, _PORTS, _SCHEMES, _LABELS, _PORTS)
def test_an_origin_allows_itself_and_no_other(
    scheme: str, host: str, port: str, scheme_2: str, host_2: str, port_2: str
) -> None:
    """The scheme's own port may be left out; case does not matter; a dot is a dot."""
    usual = {"http": ":80", "https": ":443"}
    same = (scheme, host, port or usual[scheme]) == (scheme_2, host_2, port_2 or usual[scheme_2])
    assert _allows([f"{scheme}://{host}{port}"], f"{scheme_2}://{host_2}{port_2}".upper()) is same
    assert not _allows([f"{scheme}://{host}{port}"], f"{scheme}://{host.replace('.', 'x')}{port}")


@given(_LABELS, st.text("ab.:/@[]?#\\", min_size=1, max_size=6))
def test_a_star_stands_for_labels(host: str, text: str) -> None:
    """Never for what ends a host."""
    labels = not set(text) & set(":/[]")
    assert _allows([f"https://*.{host}"], f"https://{text}.{host}") is labels
    assert not _allows([f"https://*.{host}"], f"https://{host}")


def test_several_origins_are_one_pattern() -> None:
    """Each whole, `*` for all, and any host of a scheme."""
    both = ["https://a.test", "http://*.b.test:3000"]
    assert [_allows(both, one) for one in ("https://a.test", "http://x.b.test:3000", "https://a.test|x")] == [
        True,
        True,
        False,
    ]
    assert _allows(["https://a.test", "*"], "null")
    assert [_allows(["https://*"], one) for one in ("https://a", "https://[::1]", "https://a:1", "http://a")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_no_origin_is_our_mistake() -> None:
    """Readers refuse it."""
    with pytest.raises(ValueError, match="'ftp://a' is not"):
        origins_regex(["ftp://a"])


def test_nothing_is_exposed_unless_said() -> None:
    made = cors_override(origins=["*"], credentials=False, expose=[])
    (policy,) = made.values()
    assert policy.keys() == {"@type", "allow_origin_string_match"}
