"""One Envoy for all of these tests; each test gets a lab of its own on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway_lab import Lab, Plane, running_plane


@pytest.fixture(scope="session")
def plane() -> Iterator[Plane]:
    with running_plane() as plane:
        yield plane


@pytest.fixture
def lab(plane: Plane) -> Iterator[Lab]:
    lab = Lab(plane)
    try:
        yield lab
    finally:
        lab.close()
