"""Whose a server name is."""

from __future__ import annotations

import pytest

from tidegate.compilers.server_names import ServerNames
from worlds import http


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("shop.example.com", "exact"),
        ("SHOP.example.com", "exact"),
        ("www.example.com", "wide"),
        ("a.b.example.com", "deep"),
        ("*.b.example.com", "deep"),
        ("*.c.example.com", "wide"),
        ("example.com", "rest"),
        ("*", "rest"),
    ],
)
def test_the_most_specific_listener_owns_a_name(name: str, owner: str) -> None:
    """Exact, then the longest wildcard, then the one for every host; a wildcard never matches the bare domain."""
    listeners = [
        http(name="rest"),
        http(hostname="*.example.com", name="wide"),
        http(hostname="*.b.example.com", name="deep"),
        http(hostname="shop.Example.com", name="exact"),
        http(hostname="shop.example.com", name="second"),
    ]
    found = ServerNames(listeners).owner(name)
    assert found is not None
    assert found.name == owner


def test_a_name_may_be_nobodys() -> None:
    assert ServerNames([http(hostname="a.test")]).owner("b.test") is None
