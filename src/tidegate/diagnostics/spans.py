"""Places in input files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file. Lines and columns are 1-based and count characters; the end is exclusive."""

    file: str
    """As shown to the user: relative to the working directory where the file lies below it."""
    line: int
    column: int
    end_line: int
    end_column: int

    def __post_init__(self) -> None:
        if self.line < 1 or self.column < 1:
            raise ValueError(f"lines and columns are 1-based, got {self.line}:{self.column}")
        if self.end_line <= self.line and (self.end_line, self.end_column) < (self.line, self.column):
            raise ValueError(f"span ends before it starts: {self}")

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def start(self) -> Span:
        """The empty span at the beginning of this one."""
        return Span(self.file, self.line, self.column, self.line, self.column)

    def to(self, other: Span) -> Span:
        """The span from the beginning of this one to the end of `other` (same file)."""
        if other.file != self.file:
            raise ValueError(f"spans of two files cannot be joined: {self.file}, {other.file}")
        return Span(self.file, self.line, self.column, other.end_line, other.end_column)


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and the place it was read from."""

    value: T
    span: Span
