"""An issuer's signing keys: fetched by discovery, cached, fetched again when a token names an unknown one.

A rotated key works at once, since its first token makes us look. So that nobody can make us look all day, looking costs
a coin: a few are there to begin with, one more comes every `coin_every_s`. Requests that need the same look share one.
"""

from __future__ import annotations

import math
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tidegate_auth.clock import Clock
from tidegate_auth.errors import IssuerUnreachable, TokenRejected
from tidegate_auth.single_flight import SingleFlight
from tidegate_auth.tokens import ALGORITHM

REFRESH_AFTER_S = 3600.0
"""Keys that the issuer withdrew stop counting after this time."""
KEEP_FOR_S = 24 * 3600.0
"""How long known keys are believed while the issuer cannot be reached."""
COINS = 4
COIN_EVERY_S = 5.0
MIN_MODULUS_BITS = 2048
MAX_KEYS = 100


class FetchJson(Protocol):
    async def get(self, url: str) -> dict[str, object]: ...


class KeySource:
    """The keys of one issuer."""

    def __init__(
        self, *, issuer: str, metadata_url: str, fetch: FetchJson, clock: Clock, coin_every_s: float = COIN_EVERY_S
    ) -> None:
        self.issuer = issuer
        self._metadata_url = metadata_url
        self._fetch = fetch
        self._clock = clock
        self._coin_every_s = coin_every_s
        self._coins = float(COINS)
        self._coins_at = clock.monotonic()
        self._keys: dict[str, RSAKey] = {}
        self._fetched_at: float | None = None
        self._looks = 0
        self._flight = SingleFlight()

    async def key(self, kid: str) -> RSAKey:
        """The key named `kid`. Raises TokenRejected if the issuer has none, IssuerUnreachable if it cannot be asked."""
        age_s = self._age_s()
        someone_looks = self._flight.is_flying(self)
        if kid in self._keys and age_s < (KEEP_FOR_S if someone_looks else REFRESH_AFTER_S):
            return self._keys[kid]
        try:
            await self._look()
        except IssuerUnreachable:
            if kid not in self._keys or self._age_s() >= KEEP_FOR_S:
                raise
        found = self._keys.get(kid)
        if found is None:
            raise TokenRejected("key", "the issuer has no such key")
        return found

    async def _look(self) -> None:
        """Look once, or share a look under way. Without a coin: nothing happens, if what we know is not too old."""
        looks = self._looks
        while self._looks == looks:
            if not self._flight.is_flying(self) and not self._has_coin():
                if self._age_s() >= KEEP_FOR_S:
                    raise IssuerUnreachable(f"{self._metadata_url} could not be read; waiting before the next attempt")
                return
            await self._flight.run(self, self._look_now)

    async def _look_now(self) -> None:
        self._coins -= 1
        metadata = await self._fetch.get(self._metadata_url)
        if metadata.get("issuer") != self.issuer:
            # OpenID Connect Discovery 1.0 section 4.3: the issuer must be exactly the expected one.
            raise IssuerUnreachable(f"{self._metadata_url} speaks for another issuer than {self.issuer}")
        keys_url = metadata.get("jwks_uri")
        if not isinstance(keys_url, str) or _origin(keys_url) != _origin(self._metadata_url):
            raise IssuerUnreachable(f"{self._metadata_url} points to keys on another host")
        self._keys = _usable(await self._fetch.get(keys_url))
        self._fetched_at = self._clock.monotonic()
        self._looks += 1

    def _age_s(self) -> float:
        return math.inf if self._fetched_at is None else self._clock.monotonic() - self._fetched_at

    def _has_coin(self) -> bool:
        now = self._clock.monotonic()
        self._coins = min(float(COINS), self._coins + (now - self._coins_at) / self._coin_every_s)
        self._coins_at = now
        return self._coins >= 1


def _usable(key_set: Mapping[str, object]) -> dict[str, RSAKey]:
    """The RSA signature keys of a JWKS, by `kid`. What else it holds is for others (RFC 7517 section 5)."""
    entries = key_set.get("keys")
    keys: dict[str, RSAKey] = {}
    for entry in entries[:MAX_KEYS] if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") != "RSA":
            continue
        kid, modulus, exponent = entry.get("kid"), entry.get("n"), entry.get("e")
        if not isinstance(kid, str) or not isinstance(modulus, str) or not isinstance(exponent, str):
            continue
        if entry.get("use", "sig") != "sig" or entry.get("alg", ALGORITHM) != ALGORITHM:
            continue
        try:
            if _bits(modulus) >= MIN_MODULUS_BITS:
                # Only the public numbers: a key set that leaks private ones must not make us hold them.
                keys[kid] = RSAKey.import_key({"kty": "RSA", "n": modulus, "e": exponent})
        except (JoseError, ValueError):
            continue
    return keys


def _bits(number: str) -> int:
    """The size of a Base64urlUInt (RFC 7518 section 2)."""
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
