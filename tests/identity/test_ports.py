"""What composition gives the service fits the protocols, by mypy and by use."""

from __future__ import annotations

from pathlib import Path

from tidegate.clock import SystemClock, SystemRandomness
from tidegate.identity import FileDirectorySource, TokenService
from tidegate.identity.ports import Clock, DirectorySource, KeyStore, Randomness
from tidegate.keys import FileKeyStore


def test_the_real_ones_fit_together(tmp_path: Path) -> None:
    """A service over files and the machine's clock."""
    source: DirectorySource = FileDirectorySource(tmp_path / "directory.json")
    keys: KeyStore = FileKeyStore(tmp_path / "keys")
    clock: Clock = SystemClock()
    randomness: Randomness = SystemRandomness()
    service = TokenService(
        authority="https://localhost:8444", directory=source, keys=keys, clock=clock, randomness=randomness
    )
    assert service.health()["status"] == "ok"
