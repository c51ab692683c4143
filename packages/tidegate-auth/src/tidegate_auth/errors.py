"""What can go wrong, told apart by whose fault it is.

A refused caller is an `AuthProblem` (401 or 403); an issuer that cannot be asked is `IssuerUnreachable`; an issuer that
says no to a token request is `TokenRequestFailed`. No message holds a token, a part of one, or a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException


class TokenRejected(Exception):
    """A token does not prove what it should. `reason` is a stable word, `detail` a sentence that is safe to show."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class IssuerUnreachable(Exception):
    """The issuer's keys or its token endpoint cannot be had now. Not the caller's fault; trying again may help."""


class TokenRequestFailed(Exception):
    """The token endpoint refused. `aadsts` is the first of Entra's codes, such as `AADSTS65001`, where it gave one."""

    def __init__(
        self, *, error: str, description: str, status: int, codes: Sequence[int] = (), correlation_id: str | None = None
    ) -> None:
        super().__init__(f"{error} ({status}): {description}")
        self.error = error
        self.description = description
        self.status = status
        self.codes = tuple(codes)
        self.correlation_id = correlation_id

    @property
    def aadsts(self) -> str | None:
        return f"AADSTS{self.codes[0]}" if self.codes else None


class AuthProblem(HTTPException):
    """An answer of 401, 403 or 503. Frameworks that know Starlette's `HTTPException` answer it right by themselves;
    `Auth.install` adds the problem body (RFC 9457)."""

    def __init__(self, status: int, *, reason: str, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=status, detail=detail, headers=dict(headers))
        self.reason = reason

    def body(self) -> dict[str, object]:
        """The members of the problem body."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "reason": self.reason,
            "detail": self.detail,
        }


def unauthenticated(reason: str, detail: str, *, presented: bool = True) -> AuthProblem:
    """401. RFC 6750 section 3.1: the challenge names an error only if the request carried credentials at all."""
    challenge = f'Bearer error="invalid_token", error_description="{detail}"' if presented else "Bearer"
    return AuthProblem(401, reason=reason, detail=detail, headers={"WWW-Authenticate": challenge})


def forbidden(reason: str, detail: str, *, scopes: Sequence[str] = ()) -> AuthProblem:
    """403, with RFC 6750's `insufficient_scope` and, where a scope would help, the scopes."""
    challenge = f'Bearer error="insufficient_scope", error_description="{detail}"'
    if scopes:
        challenge += f', scope="{" ".join(scopes)}"'
    return AuthProblem(403, reason=reason, detail=detail, headers={"WWW-Authenticate": challenge})


def unavailable(detail: str) -> AuthProblem:
    """503: the caller may be right, but nobody can tell now."""
    return AuthProblem(503, reason="issuer_unreachable", detail=detail, headers={"Retry-After": "5"})
