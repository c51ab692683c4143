"""One Envoy for all tests of policies that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from policy_envoy import Lab, running_lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Envoy with the runtime; tests add their routes."""
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running
