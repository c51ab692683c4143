"""The contract of key stores, for each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from keys.made_keys import NOW, generator, made
from tidegate.keys import FileKeyStore, KeySet, KeyStore, MemoryKeyStore, Schedule, first_keys
from tidegate.keys.rotation import rotate


class KeyStoreContract:
    """What every store promises."""

    make: Callable[[Path], KeyStore]

    @pytest.fixture
    def store(self, tmp_path: Path) -> KeyStore:
        return type(self).make(tmp_path / "keys")

    def test_a_new_store_is_empty(self, store: KeyStore) -> None:
        """Reading creates nothing."""
        assert store.read("tenants") is None

    def test_what_was_stored_is_read(self, store: KeyStore) -> None:
        """States, dates and keys come back."""
        keys = rotate(_first(), Schedule(), now=NOW + 5, generate=lambda _: made(2))
        assert store.update("tenants", lambda _: keys) == keys
        assert store.read("tenants") == keys

    def test_a_change_sees_what_is_stored(self, store: KeyStore) -> None:
        """The function is given the present set, None at first."""
        seen: list[KeySet | None] = []

        def change(stored: KeySet | None) -> KeySet:
            seen.append(stored)
            return stored or _first()

        store.update("tenants", change)
        store.update("tenants", change)
        assert seen == [None, _first()]

    def test_purposes_are_apart(self, store: KeyStore) -> None:
        """A gateway's keys never sign for a tenant."""
        store.update("tenants", lambda _: _first())
        assert store.read("gateway") is None

    def test_an_unknown_purpose_is_refused(self, store: KeyStore) -> None:
        """Purposes become file names."""
        for purpose in ("../tenants", "", "other"):
            with pytest.raises(ValueError, match="must be one of tenants, gateway"):
                store.read(purpose)
            with pytest.raises(ValueError, match="must be one of tenants, gateway"):
                store.update(purpose, lambda _: _first())

    def test_a_change_that_fails_changes_nothing(self, store: KeyStore) -> None:
        """An exception inside leaves the stored set, and the store usable."""
        store.update("tenants", lambda _: _first())

        def fail(_: KeySet | None) -> KeySet:
            raise ArithmeticError("no key today")

        with pytest.raises(ArithmeticError):
            store.update("tenants", fail)
        assert store.read("tenants") == _first()
        assert store.update("tenants", lambda stored: stored or _first()) == _first()

    def test_changes_exclude_each_other(self, store: KeyStore) -> None:
        """Of two threads that begin at once, the second sees the first one's result: one first key set is made."""
        made_sets: list[KeySet] = []
        barrier = threading.Barrier(4)

        def begin(stored: KeySet | None) -> KeySet:
            if stored is None:
                stored = first_keys("tenants", now=NOW, generate=generator())
                made_sets.append(stored)
            return stored

        def run() -> None:
            barrier.wait()
            store.update("tenants", begin)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made_sets) == 1


class TestMemoryKeyStore(KeyStoreContract):
    make = staticmethod(lambda _: MemoryKeyStore())


class TestFileKeyStore(KeyStoreContract):
    make = staticmethod(FileKeyStore)


def _first() -> KeySet:
    return first_keys("tenants", now=NOW, generate=generator())
