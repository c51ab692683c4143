"""Policies as the rest of Tidegate sees them: a program and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidegate.diagnostics import Span
from tidegate.model.backends import ClientCertificate, ExternalBackend


class LimitKey(StrEnum):
    """By what a RateLimitPolicy tells callers apart."""

    EVERYONE = "everyone"
    """One counter for all."""
    CLIENT_ADDRESS = "client address"
    """The peer's IPv4 address, or the /64 of its IPv6 address."""
    HEADER = "header"
    CLAIM = "claim"
    """Of a token that a validate-jwt before it has verified."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` in any `period_s` for each value of the key."""

    counter: str
    """Whose counters these are: never shared with another limit, and the same after a reload."""
    calls: int
    period_s: float
    by: LimitKey
    span: Span
    name: str = ""
    """Of the header (lower case) or the claim."""


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One policy statement of a program, for `tidegate explain`."""

    section: str
    """inbound, backend, outbound or on-error."""
    text: str
    """In one line, with the user's own words: `validate-jwt: audiences api://tasks; issuers ...`."""
    span: Span
    depth: int = 0
    """How many statements it stands in."""
    by_envoy: bool = False
    """Whether Envoy does it behind the program; otherwise the program does it itself."""


@dataclass(frozen=True, slots=True)
class PolicyProgram:
    """The Lua program of one effective policy document: scopes merged, named values resolved.

    Equal documents give equal programs; Envoy keeps one compiled copy per worker by `digest`.
    """

    digest: str
    """SHA-256 of `lua`, hexadecimal."""
    lua: str
    """A chunk for the runtime in policies/lua/; see policies/lua/README.md for the contract."""
    issuers: tuple[str, ...] = ()
    """OpenID metadata URLs whose keys the program needs, sorted, as written in `openid-config`."""
    steps: tuple[StepSummary, ...] = ()
    source_map: tuple[tuple[int, Span], ...] = ()
    """(first line of Lua, statement): where a line of the program came from; sorted by line."""
    handles_preflight: bool = False
    """Whether it answers CORS preflights: OPTIONS requests must reach it although no route has that method."""
    calls: bool = False
    """Whether it sends requests of its own, or where only it knows: they leave by the egress listener."""
    forwards: bool = False
    """Whether it calls the route's backend itself."""
    chooses_backend: bool = False
    """Whether it may choose another backend than the route's."""
    names_backend: bool = False
    """Whether a policy of its names another backend."""
    destinations: tuple[ExternalBackend, ...] = ()
    """Hosts that it names as backends, sorted."""
    certificates: tuple[ClientCertificate, ...] = ()
    """What it may show the route's own backend, by digest."""
    needs: frozenset[str] = frozenset()
    """What it wants of the specification's words on its operation: request, responses, parameters, mock."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key of an issuer, bound to the algorithms it may be used with."""

    kid: str
    kty: str
    """RSA or EC."""
    algorithms: tuple[str, ...]
    """JOSE names, e.g. RS256. A token naming another algorithm with this key is refused (RFC 8725 section 3.1)."""
    der: bytes
    """SubjectPublicKeyInfo, DER."""


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What an OpenID metadata document and its key set say."""

    url: str
    """As written in the policy's `openid-config`."""
    issuer: str
    keys: tuple[IssuerKey, ...]
    """Sorted by kid."""
