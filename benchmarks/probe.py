"""Ask a gateway until it answers as it should."""

from __future__ import annotations

import http.client
import select
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.processes import BenchmarkFailed

_DEADLINE_S: Final = 60.0
_PAUSE_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""


class Probe:
    """One kept HTTP/1.1 connection."""

    def __init__(
        self,
        port: int,
        *,
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> None:
        self._address, self._port, self._tls, self._server_name = address, port, tls, server_name
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, path: str, *, host: str) -> Answer:
        """One request. Raises OSError or HTTPException where there is no answer; the next opens a connection anew."""
        connection = self._connected()
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.will_close:
            self.close()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()})

    def until(self, path: str, *, host: str, good: Callable[[Answer], bool], what: str) -> None:
        """Ask every millisecond until the answer is good. Raises BenchmarkFailed after a minute."""
        end = time.monotonic() + _DEADLINE_S
        last: object = None
        while time.monotonic() < end:
            try:
                last = self.ask(path, host=host)
            except (OSError, http.client.HTTPException) as error:
                last = error
            else:
                if good(last):
                    return
            select.select([], [], [], _PAUSE_S)
        raise BenchmarkFailed(f"{what}: not within {_DEADLINE_S:.0f} s; last seen: {last!r}")

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            connection = http.client.HTTPConnection(self._address, self._port, timeout=10)
            connection.connect()
            if self._tls is not None:
                connection.sock = self._tls.wrap_socket(connection.sock, server_hostname=self._server_name)
            self._connection = connection
        return self._connection
