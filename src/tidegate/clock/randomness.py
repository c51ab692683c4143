"""The source of unpredictable values."""

from __future__ import annotations

import random
import secrets
import uuid
from typing import Protocol


class Randomness(Protocol):
    """Where unpredictable values come from."""

    def bytes(self, count: int) -> bytes:
        """`count` unpredictable bytes."""
        ...

    def uuid(self) -> str:
        """A version 4 UUID in lower case (RFC 9562 section 5.4)."""
        ...


class SystemRandomness:
    """The operating system's generator."""

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)

    def uuid(self) -> str:
        return str(uuid.uuid4())


class SeededRandomness:
    """Reproducible values for tests; never for keys that anybody relies on."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)  # noqa: S311 - tests only, see the class

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self._random.randbytes(16), version=4))
