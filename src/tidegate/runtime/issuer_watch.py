"""Keeps the issuers' keys that policies need: fetched at once, again after a failure, and from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from tidegate.adapters.issuers import IssuerUnreachable
from tidegate.model import IssuerMetadata
from tidegate.telemetry import names

REMOTE_REFRESH_S: Final = 3600.0
LOCAL_REFRESH_S: Final = 10.0
"""The local service rotates on its own schedule too; a new key is published long before it signs."""
_FIRST_RETRY_S: Final = 0.1
_LONGEST_RETRY_S: Final = 60.0
_LONGEST_LOCAL_RETRY_S: Final = 1.0

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")


class Fetches(Protocol):
    """What `adapters.issuers.Issuers` offers."""

    def is_local(self, url: str) -> bool: ...
    async def fetch(self, url: str) -> IssuerMetadata: ...


@dataclass(slots=True)
class _Watched:
    task: asyncio.Task[None]
    again: asyncio.Event
    attempted: bool = False


class IssuerWatch:
    """One task for each wanted URL. `changed` is called when `known` differs, `failed` at a first failure in a row."""

    def __init__(
        self,
        issuers: Fetches,
        *,
        tasks: asyncio.TaskGroup,
        changed: Callable[[], None],
        failed: Callable[[str, str], None],
    ) -> None:
        self._issuers = issuers
        self._tasks = tasks
        self._changed = changed
        self._failed = failed
        self._watched: dict[str, _Watched] = {}
        self._known: dict[str, IssuerMetadata] = {}
        self._local_ready = asyncio.Event()

    @property
    def known(self) -> Mapping[str, IssuerMetadata]:
        return dict(sorted(self._known.items()))

    @property
    def local_settled(self) -> bool:
        """Whether the local token service answered, one way or the other, for each of its issuers."""
        return all(one.attempted for url, one in self._watched.items() if self._issuers.is_local(url))

    @property
    def settled(self) -> bool:
        """Whether every wanted issuer was asked at least once."""
        return all(one.attempted for one in self._watched.values())

    def local_is_ready(self) -> None:
        """The local token service knows the present directory: ask it, or ask it again."""
        self._local_ready.set()
        for url, one in self._watched.items():
            if self._issuers.is_local(url):
                one.again.set()

    def want(self, urls: Iterable[str]) -> None:
        """Watch exactly these."""
        wanted = set(urls)
        for url in self._watched.keys() - wanted:
            self._watched.pop(url).task.cancel()
            self._known.pop(url, None)
        for url in sorted(wanted - self._watched.keys()):
            again = asyncio.Event()
            task = self._tasks.create_task(self._watch(url, again), name=f"issuer {url}")
            self._watched[url] = _Watched(task, again)

    async def refresh_local(self) -> bool:
        """Ask the local token service again, now; whether anything changed."""
        before = self.known
        for url, one in self._watched.items():
            if self._issuers.is_local(url):
                try:
                    self._learn(url, await self._issuers.fetch(url))
                except IssuerUnreachable:
                    one.again.set()
        return self.known != before

    async def _watch(self, url: str, again: asyncio.Event) -> None:
        local = self._issuers.is_local(url)
        if local:
            await self._local_ready.wait()
        retry = _FIRST_RETRY_S
        failures = 0
        while True:
            try:
                metadata = await self._issuers.fetch(url)
            except IssuerUnreachable as reason:
                failures += 1
                if failures == 1:
                    _log.warning(names.ISSUER_UNREACHABLE, url=url, reason=str(reason))
                    self._failed(url, str(reason))
                pause, retry = retry, min(retry * 2, _LONGEST_LOCAL_RETRY_S if local else _LONGEST_RETRY_S)
            else:
                failures, retry = 0, _FIRST_RETRY_S
                self._learn(url, metadata)
                pause = LOCAL_REFRESH_S if local else REMOTE_REFRESH_S
            self._attempted(url)
            again.clear()
            try:
                async with asyncio.timeout(pause):
                    await again.wait()
            except TimeoutError:
                continue

    def _learn(self, url: str, metadata: IssuerMetadata) -> None:
        if self._known.get(url) != metadata:
            self._known[url] = metadata
            _log.info(names.ISSUER_FETCHED, url=url, issuer=metadata.issuer, keys=[key.kid for key in metadata.keys])
            self._changed()

    def _attempted(self, url: str) -> None:
        one = self._watched.get(url)
        if one is not None and not one.attempted:
            one.attempted = True
            self._changed()
