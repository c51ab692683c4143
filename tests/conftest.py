"""The golden plugin's options and fixture; see goldens.py for how to use it."""

from __future__ import annotations

import asyncio
import os

import pytest
from hypothesis import settings

from goldens import TESTDATA, Golden, orphans

_GOLDEN = pytest.StashKey[Golden]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the outputs of golden cases; exits non-zero")


def pytest_configure(config: pytest.Config) -> None:
    # Python 3.11 makes an event loop for whoever asks for the current one and there never was one; pytest-asyncio asks,
    # and nobody closes it. Said here: there is none.
    asyncio.set_event_loop(None)
    # How long one example takes says more about what else the machine does than about the code.
    settings.register_profile("house", deadline=None)
    settings.load_profile("house")
    update = bool(config.getoption("--update-golden"))
    if update and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused in CI: goldens are reviewed, not regenerated")
    config.stash[_GOLDEN] = golden = Golden(update)
    for path in orphans(TESTDATA) if update else ():
        path.unlink()
        golden.changes.append(f"deleted {path.relative_to(TESTDATA)}")


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Compares a case with its golden outputs."""
    return pytestconfig.stash[_GOLDEN]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    golden = config.stash[_GOLDEN]
    for change in golden.changes:
        terminalreporter.write_line(f"golden: {change}")
    if golden.update:
        terminalreporter.write_line(
            f"golden: {len(golden.changes)} changes; read the diff, then run again without the flag"
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_GOLDEN].update:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
