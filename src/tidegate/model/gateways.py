"""Gateways and their listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.diagnostics import Span
from tidegate.model.certificates import Certificate
from tidegate.model.names import ObjectName
from tidegate.model.routes import Route, StreamRoute


class Protocol(StrEnum):
    HTTP = "HTTP"
    HTTPS = "HTTPS"
    TLS = "TLS"
    TCP = "TCP"
    UDP = "UDP"


@dataclass(frozen=True, slots=True)
class ClientValidation:
    """Certificates that clients present (Gateway.spec.tls.frontend, FrontendTLSPolicy.verify)."""

    roots: tuple[str, ...]
    """PEM bundles of the authorities that vouch for clients."""
    optional: bool = False
    """AllowInsecureFallback: a client without a valid certificate is let in all the same."""
    names: tuple[str, ...] = ()
    """Subject alternative names (DNS); the client's certificate must carry one. Empty: any."""


@dataclass(frozen=True, slots=True)
class ListenerTls:
    """How a listener speaks TLS. Empty lists leave the choice to Envoy."""

    passthrough: bool = False
    """Not terminated: chosen by SNI, forwarded as it is."""
    minimum_version: str = "1.2"
    maximum_version: str = "1.3"
    cipher_suites: tuple[str, ...] = ()
    """OpenSSL names, TLS 1.2 only."""
    curves: tuple[str, ...] = ()
    client_validation: ClientValidation | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    name: str
    """Unique in its Gateway; a ListenerSet's is `namespace/listenerset/listener`."""
    port: int
    """As in the specification; reached at `port` plus the port offset."""
    protocol: Protocol
    hostname: str | None
    """None matches every host; `*.example.com` every host below."""
    certificates: tuple[Certificate, ...]
    routes: tuple[Route, ...]
    """HTTP and HTTPS. In order of precedence (HTTPRoute: exact before prefix, longest first, ...): the first that
    matches wins."""
    span: Span
    tls: ListenerTls = field(default_factory=ListenerTls)
    """Meant only where the protocol is HTTPS or TLS."""
    stream_routes: tuple[StreamRoute, ...] = ()
    """TLS, TCP and UDP: by hostname for TLS; of those that match alike the first wins."""


@dataclass(frozen=True, slots=True)
class Gateway:
    name: ObjectName
    address: str
    """The loopback address (or spec.addresses) that its listeners bind to."""
    listeners: tuple[Listener, ...]
    span: Span
    unmatched_body: str = ""
    """The body of the 404 for a request that no route matches (API Management has its own); JSON if not empty."""
