"""`authentication-certificate`: a client certificate for the backend. Refused with where to put it instead."""

from __future__ import annotations

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement


def read(reader: ElementReader) -> Statement | None:
    """Always refused, after its attributes were looked at."""
    for name in ("thumbprint", "certificate-id", "body", "password"):
        reader.setting(name)
    reader.literal("id")
    reader.finish()
    reader.error(
        codes.POLICY_UNSUPPORTED,
        at=reader.span,
        name=reader.name,
        label="the backend would see no certificate",
        help="a Gateway's `tls.backend.clientCertificateRef` presents one to backends with a BackendTLSPolicy",
    )
    return None
