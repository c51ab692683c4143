"""Keeps the gateway's proofs: one short-lived token for each backend, renewed at half of its life."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import structlog

from tidegate.adapters.token_service import Proofs
from tidegate.adapters.unix_http import ServiceUnreachable
from tidegate.envoy.parts import Part
from tidegate.envoy.secrets import generic_secret
from tidegate.telemetry import names

_FIRST_RETRY_S: Final = 0.03
_LONGEST_RETRY_S: Final = 1.0

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


class MakesProofs(Protocol):
    """What `adapters.token_service.TokenServiceClient` offers."""

    async def proofs(self, audiences: Sequence[str]) -> Proofs: ...


class ProofKeeper:
    """Calls `changed` when there are new tokens."""

    def __init__(self, service: MakesProofs, *, changed: Callable[[], None]) -> None:
        self._service = service
        self._changed = changed
        self._audiences: frozenset[str] = frozenset()
        self._tokens: dict[str, str] = {}
        self._shown: tuple[dict[str, str], dict[str, Part]] = ({}, {})
        """Tokens by secret, and the secrets made of them: parts that know their digest."""
        self._more = asyncio.Event()

    def want(self, audiences: frozenset[str]) -> None:
        """Keep proofs for exactly these audiences."""
        if audiences != self._audiences:
            self._audiences = audiences
            self._tokens = {name: token for name, token in self._tokens.items() if name in audiences}
        if audiences - self._tokens.keys():
            self._more.set()

    def secrets(self, wanted: Mapping[str, str]) -> dict[str, Part] | None:
        """The secrets as resources, by name (`wanted`: name -> audience); None while one is missing."""
        if any(audience not in self._tokens for audience in wanted.values()):
            return None
        tokens = {name: self._tokens[audience] for name, audience in wanted.items()}
        if tokens != self._shown[0]:
            made = {name: Part(generic_secret(name, f"Bearer {token}")) for name, token in tokens.items()}
            self._shown = (tokens, made)
        return dict(self._shown[1])

    async def run(self) -> None:
        """Fetch and renew until cancelled."""
        retry, pause = _FIRST_RETRY_S, None
        while True:
            try:
                async with asyncio.timeout(pause):
                    await self._more.wait()
            except TimeoutError:
                pass  # Half of their life is over: all of them are made anew.
            self._more.clear()
            if not self._audiences:
                pause = None
                continue
            try:
                proofs = await self._service.proofs(sorted(self._audiences))
            except ServiceUnreachable as reason:
                _log.warning(names.PROOFS_UNAVAILABLE, reason=str(reason))
                pause, retry = retry, min(retry * 1.5, _LONGEST_RETRY_S)
                continue
            retry, pause = _FIRST_RETRY_S, max(proofs.expires_in_s / 2, 1.0)
            self._tokens = {name: token for name, token in proofs.tokens.items() if name in self._audiences}
            _log.info(names.PROOFS_RENEWED, audiences=sorted(proofs.tokens))
            if self._audiences - self._tokens.keys():
                self._more.set()
            self._changed()
