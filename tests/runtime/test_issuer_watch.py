"""Issuers' keys are fetched, fetched again, and waited for only where that is sure to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tidegate.adapters.issuers import IssuerUnreachable
from tidegate.model import IssuerKey, IssuerMetadata
from tidegate.runtime.issuer_watch import IssuerWatch

LOCAL, REMOTE = "https://login.microsoftonline.com/x", "https://issuer.example/x"


def metadata(url: str, kid: str = "a") -> IssuerMetadata:
    return IssuerMetadata(url=url, issuer="i", keys=(IssuerKey(kid, "RSA", ("RS256",), b""),))


class Fake:
    """Issuers whose answers a test sets; None: unreachable."""

    def __init__(self) -> None:
        self.answers: dict[str, IssuerMetadata | None] = {}
        self.asked: list[str] = []

    def is_local(self, url: str) -> bool:
        return url == LOCAL

    async def fetch(self, url: str) -> IssuerMetadata:
        self.asked.append(url)
        answer = self.answers.get(url)
        if answer is None:
            raise IssuerUnreachable("no route to host")
        return answer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


class Watching:
    """A watch with its task group, its changes counted."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.changes = 0
        self.failures: list[str] = []

    async def __aenter__(self) -> IssuerWatch:
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self.watch = IssuerWatch(self.fake, tasks=self._tasks, changed=self._changed, failed=self._failed)
        return self.watch

    async def __aexit__(self, *_: object) -> None:
        self.watch.want(())
        await self._tasks.__aexit__(None, None, None)

    def _changed(self) -> None:
        self.changes += 1

    def _failed(self, url: str, reason: str) -> None:
        self.failures.append(f"{url}: {reason}")


@pytest.fixture
def fake() -> Fake:
    return Fake()


async def test_keys_are_known_after_a_fetch(fake: Fake) -> None:
    fake.answers[REMOTE] = metadata(REMOTE)
    async with Watching(fake) as watch:
        watch.want([REMOTE])
        assert not watch.settled
        await until(lambda: watch.settled)
        assert watch.known == {REMOTE: metadata(REMOTE)}


async def test_the_local_service_is_not_asked_before_it_knows_the_directory(fake: Fake) -> None:
    fake.answers[LOCAL] = metadata(LOCAL)
    async with Watching(fake) as watch:
        watch.want([LOCAL])
        for _ in range(20):
            await asyncio.sleep(0)
        assert fake.asked == []
        assert not watch.local_settled
        watch.local_is_ready()
        await until(lambda: watch.local_settled)
        assert LOCAL in watch.known


async def test_a_failure_is_told_once_and_settles(fake: Fake) -> None:
    watching = Watching(fake)
    async with watching as watch:
        watch.want([REMOTE])
        await until(lambda: watch.settled)
        await until(lambda: len(fake.asked) >= 2)
        assert watching.failures == [f"{REMOTE}: no route to host"]
        assert watch.known == {}


async def test_what_failed_is_tried_again(fake: Fake) -> None:
    async with Watching(fake) as watch:
        watch.want([REMOTE])
        await until(lambda: watch.settled)
        fake.answers[REMOTE] = metadata(REMOTE)
        await until(lambda: REMOTE in watch.known)


async def test_a_rotation_is_seen_when_asked_for(fake: Fake) -> None:
    fake.answers[LOCAL] = metadata(LOCAL)
    async with Watching(fake) as watch:
        watch.want([LOCAL])
        watch.local_is_ready()
        await until(lambda: LOCAL in watch.known)
        assert not await watch.refresh_local()
        fake.answers[LOCAL] = metadata(LOCAL, "b")
        assert await watch.refresh_local()
        assert watch.known[LOCAL].keys[0].kid == "b"


async def test_old_keys_stay_while_the_issuer_is_away(fake: Fake) -> None:
    fake.answers[LOCAL] = metadata(LOCAL)
    async with Watching(fake) as watch:
        watch.want([LOCAL])
        watch.local_is_ready()
        await until(lambda: LOCAL in watch.known)
        fake.answers[LOCAL] = None
        await watch.refresh_local()
        assert LOCAL in watch.known


async def test_an_issuer_that_no_policy_names_any_more_is_forgotten(fake: Fake) -> None:
    fake.answers[REMOTE] = metadata(REMOTE)
    async with Watching(fake) as watch:
        watch.want([REMOTE])
        await until(lambda: watch.settled)
        watch.want([])
        assert watch.known == {}
        assert watch.settled
