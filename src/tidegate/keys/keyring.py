"""The keys in use: loaded once, kept ready, moved on when their time has come."""

from __future__ import annotations

import threading

from tidegate.clock import Clock
from tidegate.keys.rotation import Generate, advance, first_keys, generate_at, rotate
from tidegate.keys.signing import SigningKey
from tidegate.keys.states import KeySet, Schedule, next_due
from tidegate.keys.store import KeyStore


class _InUse:
    """A key set with what every signature and verification asks for. Replaced as one, never changed."""

    __slots__ = ("by_kid", "current", "key_set")

    def __init__(self, key_set: KeySet) -> None:
        self.key_set = key_set
        self.current = key_set.current
        self.by_kid = {key.kid: key for key in key_set.published}


class KeyRing:
    """The key set of one purpose, in memory and ready to sign, over a store that others may change too."""

    def __init__(
        self,
        purpose: str,
        *,
        store: KeyStore,
        clock: Clock,
        schedule: Schedule | None = None,
        generate: Generate = generate_at,
    ) -> None:
        """Load the keys; make the first ones where there are none. KeyStoreError: the store cannot be used."""
        self._purpose = purpose
        self._store = store
        self._clock = clock
        self._schedule = schedule or Schedule()
        self._generate = generate
        self._lock = threading.Lock()
        self._in_use = _InUse(store.update(purpose, self._advanced))

    @property
    def key_set(self) -> KeySet:
        return self._in_use.key_set

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self._in_use.current

    def find(self, kid: str) -> SigningKey | None:
        """The published key of that name."""
        return self._in_use.by_kid.get(kid)

    @property
    def next_due(self) -> float:
        """Epoch seconds at which `refresh` will next change something by itself."""
        return next_due(self._in_use.key_set, self._schedule)

    def refresh(self) -> KeySet:
        """Take over what other processes stored and do what is due. May make a key: some tens of milliseconds."""
        # The lock orders the assignments as the store ordered the updates: an older set never replaces a newer one.
        with self._lock:
            self._in_use = _InUse(self._store.update(self._purpose, self._advanced))
            return self._in_use.key_set

    def rotate(self) -> KeySet:
        """Let the next key sign from now on, and publish a new next one."""
        with self._lock:
            self._in_use = _InUse(self._store.update(self._purpose, self._rotated))
            return self._in_use.key_set

    def _rotated(self, stored: KeySet | None) -> KeySet:
        return rotate(self._first(stored), self._schedule, now=self._clock.now(), generate=self._generate)

    def _advanced(self, stored: KeySet | None) -> KeySet:
        return advance(self._first(stored), self._schedule, now=self._clock.now(), generate=self._generate)

    def _first(self, stored: KeySet | None) -> KeySet:
        return stored or first_keys(self._purpose, now=self._clock.now(), generate=self._generate)
