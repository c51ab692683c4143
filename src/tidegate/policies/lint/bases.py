"""Documents that drop what wider scopes say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import policy_lint as codes
from tidegate.policies.document import Base, PolicyDocument

_LOST: Final = {
    "on-error": "the wider scopes' answers to errors",
    "backend": "the wider scopes' forwarding, with its timeout",
}


def lint_bases(scopes: Sequence[PolicyDocument], found: Found) -> None:
    """A narrower document without `<base />` in on-error or backend, while a wider one has something there."""
    for number, document in enumerate(scopes):
        for section, lost in _LOST.items():
            items = document.section(section)
            # A backend section with statements of its own replaces the wider one on purpose; an empty one does not.
            replaced = section == "backend" and bool(items)
            wider = any(not isinstance(item, Base) for outer in scopes[:number] for item in outer.section(section))
            if wider and not replaced and not any(isinstance(item, Base) for item in items):
                found.add(
                    codes.BASE_MISSING,
                    at=document.span,
                    section=section,
                    lost=lost,
                    help=f"write `<base />` in `<{section}>`",
                )
