"""The gateway's proofs: one for each backend, renewed in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from tidegate.adapters.token_service import Proofs
from tidegate.adapters.unix_http import ServiceUnreachable
from tidegate.runtime.proofs import ProofKeeper


class Fake:
    """A token service that numbers its proofs; `away`: how many calls fail first."""

    def __init__(self, *, expires_in_s: float = 600.0, away: int = 0) -> None:
        self.calls: list[list[str]] = []
        self._expires_in_s = expires_in_s
        self._away = away

    async def proofs(self, audiences: Sequence[str]) -> Proofs:
        self.calls.append(list(audiences))
        if len(self.calls) <= self._away:
            raise ServiceUnreachable("not yet")
        return Proofs({name: f"{name}-{len(self.calls)}" for name in audiences}, self._expires_in_s)


@asynccontextmanager
async def keeping(fake: Fake) -> AsyncIterator[tuple[ProofKeeper, list[int]]]:
    changes: list[int] = []
    keeper = ProofKeeper(fake, changed=lambda: changes.append(1))
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(keeper.run())
        yield keeper, changes
        task.cancel()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_secrets_are_given_when_all_of_them_are_there() -> None:
    async with keeping(Fake()) as (keeper, changes):
        wanted = {"proof/a": "a", "proof/b": "b"}
        assert keeper.secrets(wanted) is None
        keeper.want(frozenset(wanted.values()))
        await until(lambda: bool(changes))
        secrets = keeper.secrets(wanted)
        assert secrets is not None
        assert secrets["proof/b"] == {
            "name": "proof/b",
            "generic_secret": {"secret": {"inline_string": "Bearer b-1"}},
        }


async def test_nothing_wanted_is_complete_and_asks_nobody() -> None:
    fake = Fake()
    async with keeping(fake) as (keeper, _):
        keeper.want(frozenset())
        assert keeper.secrets({}) == {}
    assert fake.calls == []


async def test_a_service_that_is_not_there_yet_is_asked_again() -> None:
    fake = Fake(away=3)
    async with keeping(fake) as (keeper, changes):
        keeper.want(frozenset({"a"}))
        await until(lambda: bool(changes))
        assert len(fake.calls) == 4


async def test_a_new_backend_gets_its_proof_and_the_old_ones_stay_meanwhile() -> None:
    async with keeping(Fake()) as (keeper, changes):
        keeper.want(frozenset({"a"}))
        await until(lambda: bool(changes))
        keeper.want(frozenset({"a", "b"}))
        assert keeper.secrets({"proof/a": "a"}) is not None
        assert keeper.secrets({"proof/b": "b"}) is None
        await until(lambda: len(changes) == 2)
        assert keeper.secrets({"proof/a": "a", "proof/b": "b"}) is not None


async def test_proofs_are_renewed_before_they_expire() -> None:
    """At half of their life; the shortest pause is a second."""
    fake = Fake(expires_in_s=2.0)
    async with keeping(fake) as (keeper, changes):
        keeper.want(frozenset({"a"}))
        await until(lambda: len(changes) == 2)
        secrets = keeper.secrets({"proof/a": "a"})
        assert secrets is not None
        assert secrets["proof/a"]["generic_secret"]["secret"]["inline_string"] == "Bearer a-2"
