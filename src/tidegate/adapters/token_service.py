"""The token service's operator interface, as its neighbours use it: proofs, tokens, rotation, metadata."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidegate.adapters.unix_http import Answer, ServiceUnreachable, request


@dataclass(frozen=True, slots=True)
class Proofs:
    """The gateway's tokens, one per audience."""

    tokens: Mapping[str, str]
    expires_in_s: float

    def __repr__(self) -> str:
        return f"Proofs({sorted(self.tokens)}, expires_in_s={self.expires_in_s})"


class TokenServiceClient:
    """Over its Unix socket; every call may raise ServiceUnreachable."""

    def __init__(self, path: Path, *, authority_host: str) -> None:
        self._path = path
        self._host = authority_host
        """`localhost:8444`: metadata names its endpoints by the host that was asked."""

    async def proofs(self, audiences: Sequence[str]) -> Proofs:
        """Fresh proofs for these audiences."""
        answer = await self._ask("POST", "/internal/proofs", {"audiences": list(audiences)})
        content = _expect(answer)
        return Proofs(tokens=dict(content["tokens"]), expires_in_s=float(content["expires_in"]))

    async def token(self, wish: Mapping[str, Any]) -> tuple[int, Any]:
        """A token as the operator asks for it: status and the OAuth answer, good or bad."""
        answer = await self._ask("POST", "/internal/tokens", dict(wish))
        return answer.status, answer.json()

    async def rotate_keys(self) -> Any:
        """Make the next signing key the current one."""
        return _expect(await self._ask("POST", "/internal/keys/rotate", {}))

    async def reload(self) -> None:
        """Read directory.json again, now."""
        _expect(await self._ask("POST", "/internal/reload", {}))

    async def health(self) -> bool:
        """Whether it answers."""
        try:
            answer = await self._ask("GET", "/internal/health")
        except ServiceUnreachable:
            return False
        return answer.status == 200

    async def get(self, target: str) -> Answer:
        """A public document: metadata or a key set."""
        return await self._ask("GET", target)

    async def _ask(self, method: str, target: str, body: object = None) -> Answer:
        return await asyncio.to_thread(request, self._path, method, target, host=self._host, body=body)


def _expect(answer: Answer) -> Any:
    if answer.status >= 300:
        raise ServiceUnreachable(f"the token service answered {answer.status}: {answer.body[:200]!r}")
    return answer.json() if answer.body else None
