"""What runs as it is written, and is probably not what its author meant: warnings of `check`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.diagnostics import Found
from tidegate.policies.document import PolicyDocument, Statement
from tidegate.policies.lint.bases import lint_bases
from tidegate.policies.lint.branches import lint_branches
from tidegate.policies.lint.claims import lint_claims
from tidegate.policies.lint.secrets import lint_secrets

Steps = tuple[tuple[Statement, str], ...]


def lint(scopes: Sequence[PolicyDocument], sections: Mapping[str, Steps], found: Found) -> None:
    """Look at the merged sections, and at the documents that they come from, widest first."""
    lint_bases(scopes, found)
    for steps in sections.values():
        statements = tuple(statement for statement, _ in steps)
        lint_branches(statements, found)
        lint_secrets(statements, found)
    lint_claims(tuple(s for name in ("inbound", "backend") for s, _ in sections[name]), found)


__all__ = ["lint"]
