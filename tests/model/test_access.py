"""Who may call what."""

from __future__ import annotations

from dataclasses import replace

from tidegate.model import Access, ProductFacts, SubscriptionFacts, Subscriptions, SubscriptionScope, key_digest

ONE = SubscriptionFacts("s", "S", SubscriptionScope.ALL, "", True, key_digest("secret"))


def test_keys_are_kept_as_digests() -> None:
    """Nothing that is kept of a key is a key."""
    assert "secret" not in repr(Access(True, subscriptions=Subscriptions((ONE,)))) + repr(ONE)
    assert key_digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_follows_the_content() -> None:
    """Workers keep what they have decoded under it."""
    assert Subscriptions((ONE,)).digest == Subscriptions((replace(ONE),)).digest
    assert Subscriptions((ONE,)).digest != Subscriptions((replace(ONE, active=False),)).digest


def test_the_open_product_is_the_first() -> None:
    """None where each demands a subscription."""
    gold, free = ProductFacts("gold", "Gold"), ProductFacts("free", "Free", subscription_required=False)
    assert Access(True, products=(gold, free)).open_product is free
    assert Access(True, products=(gold,)).open_product is None
