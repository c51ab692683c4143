"""TG47: policies that attach to Services, routes and Gateways: Application Gateway for Containers, BackendTLSPolicy, rate
limits."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

CLAIM_UNVERIFIED: Final = error(
    "TG4760",
    "rate-limit-claim-unverified",
    "calls are counted by claim `{claim}`, and no `validate-jwt` verifies the token that says it",
)

CODES: Final = (CLAIM_UNVERIFIED,)
