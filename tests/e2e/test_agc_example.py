"""examples/agc as its README has it: the product's manifests unchanged, sticky sessions, an exact rate limit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from system import System, running, until

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).parents[2] / "examples/agc"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Path]]:
    """The example, in a folder that may be edited."""
    folder = tmp_path_factory.mktemp("agc")
    shutil.copytree(EXAMPLE, folder / "files")
    with running(folder / "state", [folder / "files"], "--run") as system:
        yield system, folder / "files"


def replicas(system: System, path: str, count: int, cookie: str = "") -> list[int | None]:
    """Which replica answered each of so many calls by strangers; None for one that was refused."""
    headers = {"cookie": cookie} if cookie else {}
    answers = [httpx2.get(system.url("shop/edge") + path, headers=headers, timeout=60) for _ in range(count)]
    return [answer.json()["replica"] if answer.status_code == 200 else None for answer in answers]


def test_everything_is_accepted(here: tuple[System, Path]) -> None:
    """Not one finding about what is attached; both replicas serve."""
    system, _ = here
    assert "TG4" not in system.log()
    until(lambda: len({*replicas(system, "/basket", 8)}) == 2, what="both replicas")


def test_sessions_stick(here: tuple[System, Path]) -> None:
    """With the managed cookie every call of a session meets the same replica."""
    system, _ = here
    first = httpx2.get(system.url("shop/edge") + "/basket", timeout=60)
    cookie = first.headers["set-cookie"].partition(";")[0]
    assert cookie.startswith("AGCAffinity=")
    assert set(replicas(system, "/basket", 20, cookie)) == {first.json()["replica"]}


def test_an_exact_limit_that_outlives_other_changes(here: tuple[System, Path]) -> None:
    """Of many calls at once exactly 20 pass, and none after another file has changed."""
    system, files = here
    with ThreadPoolExecutor(12) as pool:
        passed = [each for part in pool.map(lambda _: replicas(system, "/catalogue", 5), range(12)) for each in part]
    assert sum(each is not None for each in passed) == 20
    routes = files / "routes.yaml"
    routes.write_text(routes.read_text().replace("value: /basket", "value: /cart"))
    until(lambda: replicas(system, "/cart", 1) != [None], what="the changed route")
    assert replicas(system, "/catalogue", 3) == [None] * 3
