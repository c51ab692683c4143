"""`proxy`: requests to the backend through an HTTP proxy. Refused: Envoy's way out is the operator's to choose."""

from __future__ import annotations

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement


def read(reader: ElementReader) -> Statement | None:
    """Always refused, after its attributes were looked at."""
    for name in ("url", "username", "password"):
        reader.setting(name, required=name == "url")
    reader.literal("id")
    reader.finish()
    reader.error(
        codes.POLICY_UNSUPPORTED,
        at=reader.span,
        name=reader.name,
        label="requests would go past the proxy",
        help="remove it; where all traffic must pass a proxy, let the network say so",
    )
    return None
