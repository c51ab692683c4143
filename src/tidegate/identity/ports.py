"""What the token service needs from outside. Composition gives it; tests give fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tidegate.clock import Clock, Randomness
from tidegate.keys import KeyStore
from tidegate.model import Directory

__all__ = ["Clock", "DirectoryRejected", "DirectorySource", "KeyStore", "LoadedDirectory", "Randomness"]


class DirectoryRejected(Exception):
    """What the source holds is no directory. The message names the place and what is wrong, and no secret."""


@dataclass(frozen=True, slots=True)
class LoadedDirectory:
    directory: Directory
    digest: str
    """Equal digests mean equal directories."""


class DirectorySource(Protocol):
    """Where the directory of identities comes from."""

    def load(self) -> LoadedDirectory:
        """Read it now. DirectoryRejected: it is malformed; the service keeps the last good one."""
        ...
