"""An issuer's keys: looked for when needed, by one for all, and not all day."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tidegate_auth import IssuerUnreachable, TokenRejected
from tidegate_auth.key_source import COIN_EVERY_S, COINS, KEEP_FOR_S, REFRESH_AFTER_S, KeySource
from tidegate_auth.testing import ManualClock, jwks, new_key

ISSUER = "https://issuer.test/gateway"
METADATA = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/discovery/keys"


class Published:
    """What an issuer publishes, and how often it was asked for its keys."""

    def __init__(self, *keys: RSAKey) -> None:
        self.answers: dict[str, dict[str, object]] = {METADATA: {"issuer": ISSUER, "jwks_uri": KEYS}, KEYS: jwks(keys)}
        self.looks = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.away = False

    async def get(self, url: str) -> dict[str, object]:
        self.looks += url == METADATA
        await self.gate.wait()
        if self.away:
            raise IssuerUnreachable(url)
        return self.answers[url]


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return new_key("one")


@pytest.fixture
def published(key: RSAKey) -> Published:
    return Published(key)


@pytest.fixture
def source(published: Published, clock: ManualClock) -> KeySource:
    return KeySource(issuer=ISSUER, metadata_url=METADATA, fetch=published, clock=clock)


async def test_known_keys_cost_one_look(source: KeySource, published: Published, key: RSAKey) -> None:
    """However many tokens name it; and no private part of it is held."""
    found = [await source.key("one") for _ in range(10)]
    assert {item.thumbprint() for item in found} == {key.thumbprint()}
    assert not found[0].is_private
    assert published.looks == 1


async def test_a_storm_of_unknown_keys_is_limited(source: KeySource, published: Published, clock: ManualClock) -> None:
    """A thousand tokens with invented key names make no more than a few looks, then one for each interval."""
    for number in range(1000):
        with pytest.raises(TokenRejected, match="no such key"):
            await source.key(f"invented-{number}")
    assert published.looks == COINS
    clock.advance(COIN_EVERY_S)
    for number in range(1000):
        with pytest.raises(TokenRejected, match="no such key"):
            await source.key(f"invented-{number}")
    assert published.looks == COINS + 1
    await source.key("one")


async def test_many_who_need_a_look_share_one(source: KeySource, published: Published) -> None:
    """Fifty tokens at once, before anything is known: one look."""
    published.gate.clear()
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(source.key("one")) for _ in range(50)]
        await asyncio.sleep(0)
        published.gate.set()
    assert all(task.done() for task in asking)
    assert published.looks == 1


async def test_a_client_that_hangs_up_fails_nobody_else(source: KeySource, published: Published) -> None:
    """The first who asked is cancelled while looking: the next one looks, and all others get their key."""
    published.gate.clear()
    first = asyncio.ensure_future(source.key("one"))
    await asyncio.sleep(0)
    others = [asyncio.ensure_future(source.key("one")) for _ in range(5)]
    await asyncio.sleep(0)
    first.cancel()
    published.gate.set()
    assert len(await asyncio.gather(*others)) == 5
    assert first.cancelled()


async def test_a_failed_look_is_shared_too(source: KeySource, published: Published) -> None:
    """Fifty who wait for an issuer that is away do not each try in turn."""
    published.away = True
    published.gate.clear()
    asking = [asyncio.ensure_future(source.key("one")) for _ in range(50)]
    await asyncio.sleep(0)
    published.gate.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {IssuerUnreachable}
    assert published.looks == 1


async def test_keys_outlive_an_issuer_that_is_away(source: KeySource, published: Published, clock: ManualClock) -> None:
    """Known keys go on for a day, with an attempt now and then; after that nobody knows."""
    await source.key("one")
    published.away = True
    clock.advance(REFRESH_AFTER_S)
    await source.key("one")
    assert published.looks == 2
    clock.advance(KEEP_FOR_S)
    with pytest.raises(IssuerUnreachable):
        await source.key("one")
    published.away = False
    clock.advance(COIN_EVERY_S)
    await source.key("one")


async def test_withdrawn_keys_stop_counting(source: KeySource, published: Published, clock: ManualClock) -> None:
    """After the refresh interval, what the issuer no longer publishes is refused."""
    await source.key("one")
    published.answers[KEYS] = jwks([new_key("two")])
    clock.advance(REFRESH_AFTER_S)
    with pytest.raises(TokenRejected):
        await source.key("one")
    await source.key("two")


async def test_an_issuer_that_never_answered_is_not_asked_all_day(
    source: KeySource, published: Published, clock: ManualClock
) -> None:
    """The few attempts, then one for each interval; the moment it answers, all is well."""
    published.away = True
    for _ in range(100):
        with pytest.raises(IssuerUnreachable):
            await source.key("one")
    assert published.looks == COINS
    published.away = False
    clock.advance(COIN_EVERY_S)
    await source.key("one")


async def test_nobody_waits_for_a_refresh(source: KeySource, published: Published, clock: ManualClock) -> None:
    """While one request looks again, the others go on with the known key."""
    await source.key("one")
    clock.advance(REFRESH_AFTER_S)
    published.gate.clear()
    looking = asyncio.ensure_future(source.key("one"))
    await asyncio.sleep(0)
    await source.key("one")
    assert not looking.done()
    published.gate.set()
    await looking


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://eve.test", "jwks_uri": KEYS},
        {"jwks_uri": KEYS},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": 5},
        {"issuer": ISSUER, "jwks_uri": "https://eve.test/keys"},
        {"issuer": ISSUER, "jwks_uri": KEYS.replace("https", "http")},
    ],
)
async def test_wrong_metadata_gives_no_keys(
    source: KeySource, published: Published, metadata: dict[str, object]
) -> None:
    """Another issuer's document, or one that points elsewhere, is not believed."""
    published.answers[METADATA] = metadata
    with pytest.raises(IssuerUnreachable):
        await source.key("one")


async def test_only_strong_rsa_signature_keys_are_used(source: KeySource, published: Published, key: RSAKey) -> None:
    """Symmetric, elliptic, short, encrypting, misnamed and broken entries are passed over."""
    public = key.as_dict(private=False)
    published.answers[KEYS] = {
        "keys": [
            {**OctKey.generate_key(256).as_dict(), "kid": "oct"},
            {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "ec"},
            {"kty": "RSA", "kid": "short", "n": urlsafe_b64encode(b"\xc1" * 128).decode().rstrip("="), "e": "AQAB"},
            {"kty": "RSA", "kid": "padded", "n": urlsafe_b64encode(b"\0" * 256 + b"\xc1").decode(), "e": "AQAB"},
            {**public, "kid": "enc", "use": "enc"},
            {**public, "kid": "rs512", "alg": "RS512"},
            {**public, "kid": 5},
            {"kty": "RSA", "kid": "even", "n": public["n"], "e": "Ag"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            "nonsense",
            {**public, "kid": "good", "alg": "RS256"},
        ]
    }
    for kid in ("oct", "ec", "short", "padded", "enc", "rs512", "even", "broken"):
        with pytest.raises(TokenRejected):
            await source.key(kid)
    await source.key("good")
