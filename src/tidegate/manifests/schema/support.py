"""How far something of a standard is honoured: the rows of docs/supported.md that no schema can tell by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Honoured(StrEnum):
    YES = "yes"
    DIFFERS = "differs"
    """It works, not in all as the standard's own words or the product do."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class Support:
    """One feature or one field."""

    name: str
    honoured: Honoured
    note: str = ""
    """How it differs, or why not; for `yes`, what it comes to, where that is not plain."""

    def __post_init__(self) -> None:
        if self.honoured is not Honoured.YES and not self.note:
            raise ValueError(f"{self.name} is not honoured in full and does not say why")


def yes(name: str, note: str = "") -> Support:
    """Honoured as the standard says."""
    return Support(name, Honoured.YES, note)


def differs(name: str, note: str) -> Support:
    """Honoured, in another way."""
    return Support(name, Honoured.DIFFERS, note)


def no(name: str, note: str) -> Support:
    """Refused, with an error."""
    return Support(name, Honoured.NO, note)
