"""Secrets that stand in a document for everybody who reads the repository."""

from __future__ import annotations

import re
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import policy_lint as codes
from tidegate.policies.catalogue.set_header import SetHeader
from tidegate.policies.document import Statement, walk
from tidegate.policies.settings import Setting

_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "ocp-apim-subscription-key", "x-functions-key", "api-key", "x-api-key"}
)
_CREDENTIAL: Final = re.compile(r"\s*(?:(?:basic|bearer|sharedaccesssignature|sharedkey)\s+)?\S{12,}\s*", re.IGNORECASE)
_SHAPES: Final = (
    # A signed URL of storage or of a logic app; a connection string; a function's key.
    re.compile(r"[?&]sig=[A-Za-z0-9%+/=_-]{20,}"),
    re.compile(r"\b(?:AccountKey|SharedAccessKey|Password)=[^;\s\"']{8,}", re.IGNORECASE),
    re.compile(r"[?&](?:code|subscription-key|api-key)=[A-Za-z0-9%+/=_-]{20,}", re.IGNORECASE),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
)


def lint_secrets(statements: tuple[Statement, ...], found: Found) -> None:
    """Literals that look like credentials. What comes from a named value stands elsewhere."""
    for statement in walk(statements):
        if isinstance(statement, SetHeader) and _name(statement).lower() in _HEADERS:
            suspects = [value for value in statement.values if _CREDENTIAL.fullmatch(_literal(value))]
        elif statement.name == "authentication-basic":
            suspects = [s for s in statement.settings if _literal(s)][1:2]
        else:
            suspects = []
        suspects += [s for s in statement.settings if any(shape.search(_text(s)) for shape in _SHAPES)]
        for suspect in dict.fromkeys(suspects):
            if "{{" not in suspect.shown:
                found.add(
                    codes.SECRET_IN_TEXT,
                    at=suspect.span,
                    name=statement.name,
                    help="put it in a named value that is secret, and write `{{its-name}}` here",
                )


def _name(statement: SetHeader) -> str:
    header: object = statement.header
    if isinstance(header, Setting):
        header = header.literal
    return header if isinstance(header, str) else ""


def _literal(setting: Setting) -> str:
    return setting.literal if isinstance(setting.literal, str) else ""


def _text(setting: Setting) -> str:
    return setting.expression.source if setting.expression is not None else _literal(setting)
