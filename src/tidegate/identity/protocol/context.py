"""What a grant may look at while it decides."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.identity.indexes import DirectoryIndex
from tidegate.identity.protocol.assertions import AssertionVerifier
from tidegate.model import Tenant


@dataclass(frozen=True, slots=True)
class GrantContext:
    index: DirectoryIndex
    tenant: Tenant
    now: float
    verifier: AssertionVerifier
    capabilities: tuple[str, ...] = ()
    """From the `claims` parameter: xms_cc."""
