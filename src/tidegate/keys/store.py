"""Where keys live: the protocol, and the store for tests and throw-away instances."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from tidegate.keys.states import KeySet

TENANTS: Final = "tenants"
"""The purpose of keys that sign tokens of tenants."""
GATEWAY: Final = "gateway"
"""The purpose of keys that sign the gateway's proofs. Kept apart: a proof must never pass for a token."""
PURPOSES: Final = (TENANTS, GATEWAY)

Change: TypeAlias = Callable[[KeySet | None], KeySet]
"""From what is stored (None: nothing yet) to what shall be. Returning the same object stores nothing."""


class KeyStoreError(Exception):
    """The store cannot be read or written; nothing in it was changed. The message names the place and the way out."""


class KeyStore(Protocol):
    """Keys by purpose. Safe for several threads, and where the store outlives a process, for several processes."""

    def read(self, purpose: str) -> KeySet | None:
        """What is stored now; None: nothing yet."""
        ...

    def update(self, purpose: str, change: Change) -> KeySet:
        """Replace what is stored by `change(stored)`, whole or not at all, while nobody else can; return it."""
        ...


def checked_purpose(purpose: str) -> str:
    """`purpose`, or ValueError: stores make file names of it."""
    if purpose not in PURPOSES:
        raise ValueError(f"purpose {purpose!r} is unknown; must be one of {', '.join(PURPOSES)}")
    return purpose


class MemoryKeyStore:
    """Keys that end with the process."""

    def __init__(self) -> None:
        self._sets: dict[str, KeySet] = {}
        self._lock = threading.Lock()

    def read(self, purpose: str) -> KeySet | None:
        return self._sets.get(checked_purpose(purpose))

    def update(self, purpose: str, change: Change) -> KeySet:
        with self._lock:
            changed = change(self._sets.get(checked_purpose(purpose)))
            self._sets[purpose] = changed
            return changed
