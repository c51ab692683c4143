"""Fixtures of the token service's tests."""

from __future__ import annotations

import pytest

from identity.contoso import World


@pytest.fixture
def world() -> World:
    """A service over two tenants, at a fixed time."""
    return World()
