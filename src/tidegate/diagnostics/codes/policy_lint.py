"""TG25: policy documents that run as they are written, and are probably not meant so."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import warning

TOKEN_UNVERIFIED: Final = warning(
    "TG2501", "token-unverified", "`<{name}>` relies on a token that nothing has verified"
)
CLAIM_HEADER_PARTIAL: Final = warning(
    "TG2502", "claim-header-partial", "`{name}` is set from a claim, but not on every way to the backend"
)
WHEN_UNREACHABLE: Final = warning("TG2503", "when-unreachable", "this `<when>` never runs: {reason}")
BASE_MISSING: Final = warning("TG2504", "base-missing", "`<{section}>` has no `<base />`, which drops {lost}")
SECRET_IN_TEXT: Final = warning("TG2505", "secret-in-text", "`<{name}>` holds what looks like a secret")

CODES: Final = (TOKEN_UNVERIFIED, CLAIM_HEADER_PARTIAL, WHEN_UNREACHABLE, BASE_MISSING, SECRET_IN_TEXT)
