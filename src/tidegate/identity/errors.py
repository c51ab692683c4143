"""Errors on the wire: RFC 6749 section 5.2 with Entra's codes and extra fields, one row for each kind.

Programs read `error` and `error_codes`; people read the description. A row's text is a template; what was compared
with what may follow as one more sentence (`detail`) where that gives nothing away. What only the operator may know is
the `reason`, which goes to the log.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ErrorKind:
    code: int
    """The number after AADSTS."""
    status: int
    error: str
    template: str
    suberror: str | None = None


def _row(code: int, status: int, error: str, template: str, suberror: str | None = None) -> ErrorKind:
    return ErrorKind(code, status, error, template, suberror)


# The request.
REQUEST_MALFORMED: Final = _row(9002313, 400, "invalid_request", "The request is malformed.")
REQUEST_TOO_LARGE: Final = _row(9002313, 413, "invalid_request", "The request is too large.")
PARAMETER_MISSING: Final = _row(900144, 400, "invalid_request", "The request must contain the parameter '{name}'.")
POST_ONLY: Final = _row(900561, 400, "invalid_request", "The endpoint accepts POST requests, this was {method}.")
RESOURCE_UNSUPPORTED: Final = _row(
    901002, 400, "invalid_request", "The parameter 'resource' belongs to the v1 endpoint; use 'scope'."
)
GRANT_UNSUPPORTED: Final = _row(70003, 400, "unsupported_grant_type", "The grant type '{grant}' is not supported.")
RESPONSE_UNSUPPORTED: Final = _row(
    70005, 400, "unsupported_response_type", "Interactive sign-in is not part of this version of the token service."
)

# Tenant, client and its credential.
TENANT_UNKNOWN: Final = _row(90002, 400, "invalid_request", "The tenant '{tenant}' is not known.")
TENANT_UNKNOWN_DISCOVERY: Final = _row(90002, 400, "invalid_tenant", "The tenant '{tenant}' is not known.")
TENANT_MISSING: Final = _row(50059, 400, "invalid_request", "The request does not say which tenant is meant.")
INSTANCE_UNKNOWN: Final = _row(50049, 400, "invalid_instance", "The authority is not known.")
CLIENT_NOT_IN_TENANT: Final = _row(
    700016, 400, "unauthorized_client", "The application '{client}' was not found in the tenant '{tenant}'."
)
CLIENT_DISABLED: Final = _row(7000112, 400, "unauthorized_client", "The application '{client}' is disabled.")
SECRET_WRONG: Final = _row(
    7000215, 401, "invalid_client", "The client secret given is not one of the application '{client}'."
)
SECRET_EXPIRED: Final = _row(7000222, 401, "invalid_client", "The client secret of '{client}' has expired.")
CREDENTIAL_MISSING: Final = _row(
    7000218, 401, "invalid_client", "The request must contain 'client_secret' or 'client_assertion'."
)
CLIENT_ASSERTION_REFUSED: Final = _row(
    700027, 401, "invalid_client", "The client assertion fails: the application '{client}' has no key registered."
)

# Resource, scope, consent, assignment.
RESOURCE_UNKNOWN: Final = _row(
    500011, 400, "invalid_resource", "The resource '{resource}' was not found in the tenant '{tenant}'."
)
RESOURCE_DISABLED: Final = _row(50001, 400, "invalid_resource", "The resource '{resource}' is disabled.")
SCOPE_INVALID: Final = _row(70011, 400, "invalid_scope", "The scope '{scope}' is not valid.")
SCOPE_NOT_DEFAULT: Final = _row(
    1002012, 400, "invalid_scope", "The scope '{scope}' is not valid: client credentials need RESOURCE/.default."
)
CONSENT_MISSING: Final = _row(
    65001,
    400,
    "invalid_grant",
    "Nobody has consented to the use of '{resource}' by the application '{client}'.",
    "consent_required",
)
APP_NOT_ASSIGNED: Final = _row(
    501051, 400, "invalid_grant", "The application '{client}' is not assigned to a role of '{resource}'."
)
USER_NOT_ASSIGNED: Final = _row(
    50105, 400, "invalid_grant", "The user is not assigned to a role of '{resource}', which requires assignment."
)

# Users and assertions.
USER_UNKNOWN: Final = _row(50034, 400, "invalid_grant", "The user is not in the tenant '{tenant}'.")
USER_DISABLED: Final = _row(50057, 400, "invalid_grant", "The user's account is disabled.")
ASSERTION_INVALID: Final = _row(50013, 400, "invalid_grant", "The assertion is not valid.")
ASSERTION_AUDIENCE: Final = _row(
    500131, 400, "invalid_grant", "The assertion's audience is not the application that presents it."
)
ASSERTION_EXPIRED: Final = _row(500133, 400, "invalid_grant", "The assertion is outside its time range.")
ASSERTION_APP_ONLY: Final = _row(
    7000114, 400, "invalid_grant", "The assertion is an application's token; only a user's can be exchanged."
)


class OAuthError(Exception):
    """A refusal. Everything in `str()` and `detail` may be shown to the client; `reason` may not."""

    def __init__(self, kind: ErrorKind, detail: str = "", /, *, reason: str = "", **fields: str) -> None:
        self.kind = kind
        self.detail = detail
        self.reason = reason
        self.text = kind.template.format(**{name: shown(value) for name, value in fields.items()})
        super().__init__(f"AADSTS{kind.code}: {self.text}")

    def body(self, *, now: float, trace_id: str, correlation_id: str) -> bytes:
        """The JSON that Entra's clients parse."""
        timestamp = datetime.datetime.fromtimestamp(now, datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        sentences = f"{self.text} {self.detail}".strip()
        document: dict[str, object] = {
            "error": self.kind.error,
            "error_description": (
                f"AADSTS{self.kind.code}: {sentences} Trace ID: {trace_id} "
                f"Correlation ID: {correlation_id} Timestamp: {timestamp}"
            ),
            "error_codes": [self.kind.code],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            # Entra's own page: it explains the code, and the codes are Entra's.
            "error_uri": f"https://login.microsoftonline.com/error?code={self.kind.code}",
        }
        if self.kind.suberror:
            document["suberror"] = self.kind.suberror
        return json.dumps(document).encode("ascii")


def shown(text: str) -> str:
    """What a client sent, as it may be quoted back: short and printable."""
    printable = "".join(character if character.isprintable() else "?" for character in text[:120])
    return printable + ("..." if len(text) > 120 else "")
