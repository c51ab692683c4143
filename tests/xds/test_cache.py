"""The snapshot that is served, and who waits for the next."""

from __future__ import annotations

import asyncio

import pytest

from real_envoy import with_test_secrets
from tidegate.envoy import LISTENER, InconsistentSnapshot, ResourceName, Snapshot
from tidegate.xds import SnapshotCache
from worlds import backend, compiled, forward, http, route, world


def snapshot(*ports: int) -> Snapshot:
    return compiled(world(*(http(name=str(port), port=port) for port in ports))).snapshot


async def test_a_waiter_gets_the_next_snapshot() -> None:
    """At once where there is one already."""
    cache = SnapshotCache()
    first, second = snapshot(80), snapshot(81)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(cache.next(after=None))
        await asyncio.sleep(0)
        assert cache.publish(first)
    assert waiting.result() is first
    cache.publish(second)
    assert await cache.next(after=first) is second


def test_the_same_content_is_published_once() -> None:
    cache = SnapshotCache()
    assert cache.publish(snapshot(80))
    assert not cache.publish(snapshot(80))
    assert cache.publish(snapshot(81))


def test_a_snapshot_without_its_secrets_is_refused() -> None:
    """Envoy would wait for them."""
    cart = backend("cart", 8001)
    this = compiled(world(http(route("all", forward(cart))), backends=(cart,))).snapshot
    cache = SnapshotCache()
    with pytest.raises(InconsistentSnapshot, match=r"proof/cart\.shop\.svc"):
        cache.publish(this)
    assert cache.current is None
    assert cache.publish(with_test_secrets(this))


def test_what_is_not_envoys_is_refused_and_changes_nothing() -> None:
    """Before anybody sees it."""
    cache = SnapshotCache()
    cache.publish(snapshot(80))
    good = cache.current
    with pytest.raises(ValueError, match="no_such_field"):
        cache.publish(Snapshot.of({LISTENER: {"l": {"name": "l", "no_such_field": 1}}}))
    assert cache.current is good


def test_what_stays_is_encoded_once() -> None:
    """Also over many snapshots; what is gone is forgotten."""
    cache = SnapshotCache()
    cache.publish(snapshot(80))
    name = ResourceName(LISTENER, "127.0.0.1:8080")
    encoded = cache.encoded(name, snapshot(80))
    cache.publish(snapshot(80, 81))
    assert cache.encoded(name, snapshot(80, 81)) is encoded
    cache.publish(snapshot(81))
    assert cache.encoded(name, snapshot(80)) == encoded
