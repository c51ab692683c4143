"""Secret named values never reach what people read: their text is replaced by their name again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tidegate.diagnostics import Diagnostic
from tidegate.policies.named_values import NamedValue

_SHORTEST: Final = 3
"""Shorter texts stand in any sentence by chance, and are no secrets."""


def redact(text: str, secrets: Iterable[NamedValue]) -> str:
    """The text with `{{name}}` in the place of each secret's value."""
    for secret in secrets:
        if len(secret.value) >= _SHORTEST:
            text = text.replace(secret.value, f"{{{{{secret.name}}}}}")
    return text


def redact_diagnostic(diagnostic: Diagnostic, secrets: Iterable[NamedValue]) -> Diagnostic:
    """The finding without any secret in its texts."""
    known = tuple(secrets)
    return replace(
        diagnostic,
        message=redact(diagnostic.message, known),
        label=redact(diagnostic.label, known),
        help=redact(diagnostic.help, known),
        notes=tuple(redact(note, known) for note in diagnostic.notes),
    )
