"""The global document that holds where none is given."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tidegate.diagnostics import Found
from tidegate.policies.document import PolicyDocument
from tidegate.policies.read import read_document
from tidegate.sources.source import Source

_TEXT: Final = "<policies><inbound /><backend><forward-request /></backend><outbound /><on-error /></policies>"


def _default() -> PolicyDocument:
    found = Found()
    document = read_document(Source("(default global policy)", _TEXT), named_values={}, found=found)
    if document is None:
        raise ValueError(f"the default global policy is not accepted: {[d.message for d in found]}")
    return replace(document, scope="global")


DEFAULT_GLOBAL: Final = _default()
"""API Management's own: it forwards, and nothing else."""
