"""Steady requests over kept connections while something changes; what fails is kept, word for word."""

from __future__ import annotations

import http.client
import itertools
import random
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from benchmarks.probe import Probe

_THREADS: Final = 4
_RATE_PER_S: Final = 400
"""Of all threads together: steady, and far from what would load the gateway, so that no failure comes from overload."""
_RECONNECT_EVERY: Final = 20
"""Requests on one connection: new connections must succeed as well as kept ones."""
_KEPT_FAILURES: Final = 20

Target = tuple[str, str]
"""Host and path."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was sent while something changed."""

    requests: int
    failed: int
    examples: tuple[str, ...]
    """The first failures."""


class Sender:
    """Sends GET to targets in turn until the block ends. Anything but a 200 is a failure."""

    def __init__(
        self,
        port: int,
        targets: Callable[[], list[Target]],
        *,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> None:
        """`targets` is asked before each request: what may be called grows while routes are added."""
        self._port, self._targets, self._tls, self._server_name = port, targets, tls, server_name
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._requests, self._failures = 0, list[str]()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"traffic-{number}", daemon=True)
            for number in range(_THREADS)
        ]

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._requests

    def result(self) -> Traffic:
        """All of it, once the block has ended."""
        return Traffic(self._requests, len(self._failures), tuple(self._failures[:_KEPT_FAILURES]))

    def _run(self, number: int) -> None:
        choose = random.Random(number)
        probe = Probe(self._port, tls=self._tls, server_name=self._server_name)
        for turn in itertools.count(1):
            if self._stop.wait(_THREADS / _RATE_PER_S):
                break
            host, path = choose.choice(self._targets())
            failure = ""
            try:
                status = probe.ask(path, host=host).status
                failure = "" if status == 200 else f"{host}{path}: {status}"
            except (OSError, http.client.HTTPException) as error:
                failure = f"{host}{path}: {error!r}"
            with self._lock:
                self._requests += 1
                if failure:
                    self._failures.append(failure)
            if turn % _RECONNECT_EVERY == 0:
                probe.close()
        probe.close()

    def __enter__(self) -> Sender:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
