"""Gateways and their listeners."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidegate.diagnostics import Span
from tidegate.model.names import ObjectName
from tidegate.model.routes import Route


class Protocol(StrEnum):
    HTTP = "HTTP"
    HTTPS = "HTTPS"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate chain and its key from a Secret of type kubernetes.io/tls."""

    name: ObjectName
    chain_pem: str
    key_pem: str

    def __repr__(self) -> str:
        return f"Certificate({self.name}, ...)"


@dataclass(frozen=True, slots=True)
class Listener:
    name: str
    port: int
    """As in the specification; reached at `port` plus the port offset."""
    protocol: Protocol
    hostname: str | None
    """None matches every host; `*.example.com` every host below."""
    certificates: tuple[Certificate, ...]
    routes: tuple[Route, ...]
    """In order of precedence (HTTPRoute: exact before prefix, longest first, ...): the first that matches wins."""
    span: Span


@dataclass(frozen=True, slots=True)
class Gateway:
    name: ObjectName
    address: str
    """The loopback address (or spec.addresses) that its listeners bind to."""
    listeners: tuple[Listener, ...]
    span: Span
    unmatched_body: str = ""
    """The body of the 404 for a request that no route matches (API Management has its own); JSON if not empty."""
