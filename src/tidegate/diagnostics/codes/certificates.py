"""TG28: client certificates that policies show backends."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error

CERTIFICATE_NOT_NAMED: Final = error(
    "TG2801",
    "certificate-not-named",
    "`<authentication-certificate>` needs one of `certificate-id`, `thumbprint` and `body`",
)
CERTIFICATE_UNKNOWN: Final = error("TG2802", "certificate-unknown", "there is no certificate `{name}` with its key")
CERTIFICATE_UNREADABLE: Final = error("TG2803", "client-certificate-unreadable", "certificate `{name}` {reason}")
CERTIFICATE_DESTINATION: Final = error(
    "TG2804", "certificate-destination", "`{destination}` cannot be shown a client certificate"
)

CODES: Final = (CERTIFICATE_NOT_NAMED, CERTIFICATE_UNKNOWN, CERTIFICATE_UNREADABLE, CERTIFICATE_DESTINATION)
