"""Keys of subscriptions without keys: they stay, and only their user can read them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from tidegate.clock import SeededRandomness
from tidegate.runtime.subscription_keys import KEYS, SEED, SubscriptionKeys


def test_the_seed_stays(tmp_path: Path) -> None:
    """Whoever asks later gets the same; one that was cut is made anew."""
    first = SubscriptionKeys(tmp_path).seed()
    assert len(first) == 32
    assert SubscriptionKeys(tmp_path).seed() == first
    assert stat.S_IMODE((tmp_path / SEED).stat().st_mode) == 0o600
    (tmp_path / SEED).write_bytes(b"short")
    assert len(SubscriptionKeys(tmp_path, randomness=SeededRandomness(1)).seed()) == 32


def test_keys_are_shown_to_their_user_only(tmp_path: Path) -> None:
    """Written again only when they have changed."""
    keys = SubscriptionKeys(tmp_path)
    assert keys.write((("gold", "one", "two"),))
    assert not keys.write((("gold", "one", "two"),))
    assert json.loads((tmp_path / KEYS).read_text()) == {"gold": {"primaryKey": "one", "secondaryKey": "two"}}
    assert stat.S_IMODE((tmp_path / KEYS).stat().st_mode) == 0o600
