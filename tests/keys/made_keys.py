"""Keys for tests: RSA keys are slow to make, so a session makes a few and hands them out again."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache

from tidegate.keys.signing import SigningKey, generate_key

NOW = 1_800_000_000.0


@cache
def made(number: int) -> SigningKey:
    """The key of that number, the same for the whole session."""
    return generate_key(now=NOW)


def generator() -> Callable[[float], SigningKey]:
    """A `Generate` that hands out distinct keys in a fixed order."""
    numbers = itertools.count()
    return lambda _: made(next(numbers))
