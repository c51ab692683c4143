"""Keys of API Management subscriptions whose files have none: made from a secret of the state directory.

The secret stays, so that the keys do, through restarts and changes of everything else. The keys themselves are in a
file that only the user can read; they are in no log and no diagnostic, and Envoy gets their digests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tidegate.clock import Randomness, SystemRandomness
from tidegate.files import write_private_file

SEED: Final = "subscription-keys.seed"
KEYS: Final = "subscription-keys.json"
_SEED_BYTES: Final = 32


class SubscriptionKeys:
    """The two files."""

    def __init__(self, state: Path, *, randomness: Randomness | None = None) -> None:
        self._state = state
        self._randomness = randomness or SystemRandomness()
        self._written: tuple[tuple[str, str, str], ...] = ()

    def seed(self) -> bytes:
        """The secret; made when it is asked for the first time. Raises OSError where the directory cannot be used."""
        path = self._state / SEED
        try:
            known = path.read_bytes()
        except FileNotFoundError:
            known = b""
        if len(known) == _SEED_BYTES:
            return known
        made = self._randomness.bytes(_SEED_BYTES)
        write_private_file(path, made)
        return made

    def write(self, generated: tuple[tuple[str, str, str], ...]) -> bool:
        """Show the keys to the user: (subscription, primary, secondary). Whether the file has changed."""
        if generated == self._written:
            return False
        keys = {name: {"primaryKey": primary, "secondaryKey": secondary} for name, primary, secondary in generated}
        write_private_file(self._state / KEYS, json.dumps(keys, indent=2).encode() + b"\n")
        self._written = generated
        return True
