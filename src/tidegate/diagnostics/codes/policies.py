"""TG2: API Management policy documents."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

POLICY_UNSUPPORTED: Final = error("TG2301", "policy-not-translatable", r"\`<{name}>\` has no Envoy translation yet")

CODES: Final = (POLICY_UNSUPPORTED,)
