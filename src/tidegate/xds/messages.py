"""What an Envoy says on an ADS stream, and what the stream answers: plain values, no protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tidegate.envoy import ResourceName


@dataclass(frozen=True, slots=True)
class Request:
    """One DeltaDiscoveryRequest: any of a subscription change, an ACK and a NACK."""

    type_url: str
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    initial_versions: Mapping[str, str] = field(default_factory=dict)
    """What the client already has; only in the first request of a type on a stream."""
    nonce: str = ""
    """Of the response that this answers; "" if it answers none."""
    error: str | None = None
    """With a nonce: why the response was refused; None if it was accepted."""


@dataclass(frozen=True, slots=True)
class Send:
    """Write a DeltaDiscoveryResponse."""

    type_url: str
    upserts: tuple[str, ...]
    """Names in the stream's snapshot."""
    removals: tuple[str, ...]
    nonce: str
    version: str
    """The digest of the snapshot that this is part of."""
    first: frozenset[str] = frozenset()
    """Of the upserts, clusters that go without their probes for now."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The client applied these resources."""

    type_url: str
    names: tuple[str, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The client refused these resources; it keeps their last good versions."""

    type_url: str
    names: tuple[str, ...]
    detail: str
    """Envoy's own words."""
    version: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The client has everything of the snapshot that it asked for and did not refuse."""

    version: str
    refused: tuple[ResourceName, ...]


Effect: TypeAlias = Send | Accepted | Refused | Settled
