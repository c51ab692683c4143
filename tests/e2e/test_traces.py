"""The trace of one request: who may have it, what it shows, and what it keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest

from system import TASKS, System, running, tidegate

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running(tmp_path_factory.mktemp("traces"), [TASKS / "manifests"], "--run") as started:
        yield started


def explain(system: System, *more: str) -> str:
    done = tidegate("explain", "GET", system.url() + "/tasks", "--send", "--state", str(system.state), *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_request_that_passes(system: System) -> None:
    """Each statement with its place, what it did, and how long it took; no token in it."""
    token = system.token(user="ada.admin@contoso.com", scope="api://tasks/.default")
    text = explain(system, "-H", f"Authorization: Bearer {token}")
    assert text.startswith("HTTP 200\n")
    assert "200 by the backend" in text
    assert "validate-jwt: " in text
    assert " us)" in text
    assert "request header x-user-oid: none -> 40000000-0000-4000-8000-000000000001" in text
    assert token not in text
    assert "eyJ" not in text


def test_a_request_that_is_refused(system: System) -> None:
    """Which statement, which reason; as JSON too."""
    text = explain(system)
    assert text.startswith("HTTP 401\n")
    assert "failed: TokenNotPresent: " in text
    told = json.loads(explain(system, "-o", "json"))
    assert told["status"] == 401
    assert any("TokenNotPresent" in line for line in told["trace"]["lines"])


def test_the_header_reaches_no_backend_and_nobody_learns_of_it_unasked(system: System) -> None:
    """Without the header there is no trace; with it the files are the owner's alone."""
    plain = httpx2.get(system.url() + "/tasks", trust_env=False)
    assert "tidegate-trace" not in plain.headers
    traced = httpx2.get(system.url() + "/tasks", headers={"Tidegate-Trace": "1"}, trust_env=False)
    file = system.state / "traces" / f"{traced.headers['tidegate-trace']}.json"
    assert file.stat().st_mode & 0o077 == 0
    assert (system.state / "trace-token").stat().st_mode & 0o077 == 0
    done = tidegate("explain", "GET", system.url() + "/tasks", "--data", "x", "--state", str(system.state))
    assert done.returncode == 2
