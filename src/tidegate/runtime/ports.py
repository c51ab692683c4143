"""Whether a port is free, asked before anything is started on it."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortRefused:
    """Why an address cannot be listened on."""

    address: str
    port: int
    in_use: bool
    reason: str

    @property
    def place(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


def refusal(address: str, port: int) -> PortRefused | None:
    """None if `address:port` can be listened on.

    Envoy listens with SO_REUSEPORT, so two instances would share a port without noticing; asking without it tells.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections that are still closing (TIME_WAIT) do not count; listeners do.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as reason:
            text = reason.strerror or str(reason)
            return PortRefused(address, port, in_use=reason.errno == errno.EADDRINUSE, reason=text)
        except OverflowError:
            return PortRefused(address, port, in_use=False, reason="a port is at most 65535")
    return None


def way_out(refused: PortRefused) -> str:
    """What the user can do about it."""
    if refused.in_use:
        return "stop what uses it, or choose other ports with --port-offset"
    if refused.port < 1024:
        return "ports below 1024 need a privilege; choose higher ones with --port-offset"
    return "choose other ports with --port-offset, or another address with --bind"
