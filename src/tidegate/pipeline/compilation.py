"""What goes into the pipeline beside the files, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tidegate.diagnostics import Diagnostic, Severity, Span
from tidegate.envoy import ResourceName as ResourceName
from tidegate.envoy import Snapshot
from tidegate.envoy.egress import EgressRules
from tidegate.model import Endpoint, IssuerMetadata, ObjectKey, ObjectName, World
from tidegate.pipeline.redaction import plain_document
from tidegate.sources import Mapping as MappingNode


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of the command line that change what is compiled."""

    bind: str = "127.0.0.1"
    port_offset: int = 8000
    """Listener port P is reached at P + port_offset."""
    authority: str = "https://localhost:8444"
    """The token service's own address. Never part of a token's `iss` (that is Entra's)."""
    use_entra: bool = False
    """Fetch login.microsoftonline.com's keys from Microsoft instead of from the local token service."""
    run_workloads: bool = False
    log_requests: bool = False
    egress: EgressRules = field(default_factory=EgressRules)
    """Which destinations policies may call that nobody declared."""
    key_seed: bytes = field(default=b"", repr=False)
    """What keys of API Management subscriptions without keys are made from; b"" makes none."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the shell has seen of the outside; data, so that compiling stays pure."""

    replicas: Mapping[ObjectName, tuple[Endpoint, ...]] = field(default_factory=dict)
    """Deployment -> addresses of its local replicas that accept connections."""
    issuers: Mapping[str, IssuerMetadata] = field(default_factory=dict)
    """OpenID metadata URL, as written in a policy -> its keys. A missing one makes validate-jwt refuse every token."""
    now: float | None = None
    """Epoch seconds, by the hour: another value has certificates judged again. None: none is told to have expired."""


@dataclass(frozen=True)
class Compilation:
    """Everything one reading of the inputs came to."""

    world: World
    snapshot: Snapshot
    """Without the secrets that the shell makes (the gateway's proofs); `proof_secrets` names those."""
    proof_secrets: Mapping[str, str]
    """SDS secret name -> audience: the shell adds one generic secret each, `Bearer <token>`."""
    statuses: Mapping[ObjectKey, dict[str, Any]]
    """`.status` of each resource that has one, in Kubernetes' JSON shape; Programmed is completed by the shell."""
    nodes: Mapping[ObjectKey, MappingNode]
    """Every Kubernetes-shaped object that was read, the newest version; see `documents`."""
    diagnostics: tuple[Diagnostic, ...]
    """Sorted."""
    source_map: Mapping[ResourceName, Span]
    """Which place made which resource: a NACK is shown there."""
    issuers_needed: tuple[str, ...]
    """OpenID metadata URLs that policies name, sorted."""
    generated_keys: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    """(subscription, primary key, secondary key) of API Management subscriptions that got theirs here."""
    previous: object = None
    """What the next compilation needs to keep a malformed object's last good version. Opaque to others."""

    @cached_property
    def documents(self) -> Mapping[ObjectKey, dict[str, Any]]:
        """Every Kubernetes-shaped object that was read, as plain JSON, without `.status`; Secret data is redacted."""
        return {key: plain_document(key, node) for key, node in sorted(self.nodes.items())}

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)
