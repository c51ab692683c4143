"""Clients of the gateway for tests: HTTP/1.1 over one kept connection, WebSocket, raw sockets. No retries anywhere."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Any

Address = tuple[str, int]


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    body: bytes

    def header(self, name: str) -> str | None:
        """The values under one name, joined; None if there is none."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def all(self, name: str) -> list[str]:
        """Every value under one name."""
        return [value for key, value in self.headers if key == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def who(self) -> str:
        """The name of the backend that answered; the status where none of ours did."""
        if self.status == 200 and self.body.startswith(b'{"backend"'):
            return str(self.json["backend"])
        return str(self.status)

    @property
    def path(self) -> str:
        """The path that the backend received."""
        return str(self.json["path"])

    def got(self, name: str) -> str | None:
        """The values that the backend received under one name, joined; None if there was none."""
        values = [value for key, value in self.json["headers"] if key == name]
        return ", ".join(values) if values else None


class Session:
    """One kept connection. After `connection: close` the next request opens another."""

    def __init__(self, address: Address, *, tls: ssl.SSLContext | None = None, server_name: str | None = None) -> None:
        self._address, self._tls, self._server_name = address, tls, server_name
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self,
        path: str = "/",
        *headers: tuple[str, str],
        host: str = "gateway.test",
        method: str = "GET",
        body: bytes = b"",
    ) -> Answer:
        """One request. `accept-encoding` and the like are not added: the backend gets what is written here."""
        response = self.begin(path, *headers, host=host, method=method, body=body)
        content = response.read()
        if response.will_close:
            self.close()
        return Answer(response.status, tuple((name.lower(), value) for name, value in response.getheaders()), content)

    def begin(
        self,
        path: str = "/",
        *headers: tuple[str, str],
        host: str = "gateway.test",
        method: str = "GET",
        body: bytes = b"",
    ) -> http.client.HTTPResponse:
        """One request; the answer's body is still to be read."""
        connection = self._connected()
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in headers:
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        return connection.getresponse()

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            connection = http.client.HTTPConnection(*self._address, timeout=60)
            connection.sock = tls_client(self._address, tls=self._tls, server_name=self._server_name)
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def tls_client(address: Address, *, tls: ssl.SSLContext | None, server_name: str | None) -> socket.socket:
    """A connection, with TLS where a context is given."""
    plain = socket.create_connection(address, timeout=60)
    if tls is None:
        return plain
    try:
        return tls.wrap_socket(plain, server_hostname=server_name)
    except (OSError, ssl.SSLError):
        plain.close()
        raise


class WebSocket:
    """RFC 6455, as far as short text frames go."""

    def __init__(self, address: Address, path: str, *, host: str) -> None:
        self._socket = socket.create_connection(address, timeout=60)
        key = base64.b64encode(b"0123456789abcdef").decode()
        lines = [f"GET {path} HTTP/1.1", f"host: {host}", "upgrade: websocket", "connection: Upgrade"]
        lines += [f"sec-websocket-key: {key}", "sec-websocket-version: 13", "", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            pass

    def say(self, text: str) -> str:
        """Send a text frame; the text of the frame that comes back."""
        data, mask = text.encode(), b"\1\2\3\4"
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self._socket.sendall(bytes((0x81, 0x80 | len(data))) + mask + masked)
        _, length = self._file.read(2)
        return self._file.read(length).decode()

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()
