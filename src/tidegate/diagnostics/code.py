"""A kind of finding: its stable code, slug, severity and message template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_CODE: Final = re.compile(r"TG[1-9][0-9]{3}")
_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Severity(StrEnum):
    """How a finding affects what runs."""

    ERROR = "error"
    """What it names is not applied."""
    WARNING = "warning"
    """Applied, but probably not what was meant."""
    INFO = "info"
    """A choice that Tidegate made for the author."""


@dataclass(frozen=True, slots=True)
class Code:
    """One row of the table in `diagnostics/codes/`. Code and slug never change meaning."""

    code: str
    """TG1 manifests, TG2 policies, TG3 expressions, TG4 references and attachment, TG5 Envoy and xDS,
    TG6 identity, TG7 BFF, TG8 trust, TG9 configuration and the command line."""
    slug: str
    """Names the pattern, not the fix, and reads after "allow ..."."""
    severity: Severity
    template: str
    """The message, with `{fields}`; stands alone; lower case, no final period."""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError(f"code {self.code!r} must be TG and four digits, the first not 0")
        if not _SLUG.fullmatch(self.slug):
            raise ValueError(f"slug {self.slug!r} must be lower-case words joined by hyphens")
        if self.template.endswith("."):
            raise ValueError(f"{self.code}: a message has no final period")

    def format(self, **fields: object) -> str:
        """Fill the template. A missing field is a KeyError: our own mistake."""
        return self.template.format(**fields)


def error(code: str, slug: str, template: str) -> Code:
    """Declare an error."""
    return Code(code, slug, Severity.ERROR, template)


def warning(code: str, slug: str, template: str) -> Code:
    """Declare a warning."""
    return Code(code, slug, Severity.WARNING, template)


def info(code: str, slug: str, template: str) -> Code:
    """Declare an information."""
    return Code(code, slug, Severity.INFO, template)
