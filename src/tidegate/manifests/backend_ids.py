"""How backends are told apart: one port of a Service may be spoken to in more ways than one."""

from __future__ import annotations

from typing import Final

from tidegate.manifests.services import Client, Port
from tidegate.model import BackendId, BackendProtocol, ObjectName

H2C: Final = "h2c"
TCP: Final = "tcp"
PASSTHROUGH: Final = "passthrough"
UDP: Final = "udp"

_JOIN: Final = "+"
_VARIANTS: Final = {
    Client.HTTP: "",
    Client.GRPC: H2C,
    Client.TLS: TCP,
    Client.PASSTHROUGH: PASSTHROUGH,
    Client.TCP: TCP,
    Client.UDP: UDP,
}
"""`BackendId.variant` by who asks; GRPCRoutes have "" where the port speaks HTTP/2 anyway."""

STREAMS: Final = {
    TCP: BackendProtocol.TCP,
    PASSTHROUGH: BackendProtocol.TCP,
    UDP: BackendProtocol.UDP,
}
"""The variants that are no HTTP."""


def backend_id(name: ObjectName, port: Port, client: Client) -> BackendId:
    """The backend that a kind of route speaks to at a port."""
    spoken = port.spoken
    if client is Client.GRPC and spoken is not None and spoken.protocol is BackendProtocol.HTTP2:
        return BackendId(name, port.number)
    return closed_id(name, port.number, client)


def closed_id(name: ObjectName, number: int, client: Client) -> BackendId:
    """The same where nothing is known of the port, since its Service is malformed."""
    return BackendId(name, number, _VARIANTS[client])


def presenting(id_: BackendId, gateway: ObjectName) -> BackendId:
    """The same backend as a Gateway meets it that presents a certificate of its own."""
    return BackendId(id_.service, id_.port, f"{spoken_as(id_)}{_JOIN}{gateway}")


def spoken_as(id_: BackendId) -> str:
    """The part of the variant that says how the port is spoken to: "" or one of the names above."""
    return id_.variant.partition(_JOIN)[0]


def presented_by(id_: BackendId) -> ObjectName | None:
    """The Gateway whose certificate is presented, if any."""
    namespace, separator, name = id_.variant.partition(_JOIN)[2].partition("/")
    return ObjectName(namespace, name) if separator else None
