"""One finding, and the collector that every stage fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tidegate.diagnostics.code import Code, Severity
from tidegate.diagnostics.spans import Span


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a finding."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding at a place. The message stands alone; the rest is detail for those who have room."""

    code: Code
    message: str
    span: Span | None
    """None only where no file can be named (the command line, the environment)."""
    label: str = ""
    """What was found or expected there, in a few words; drawn under the span."""
    help: str = ""
    """One action, only when we are sure."""
    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def severity(self) -> Severity:
        return self.code.severity

    def concise(self) -> str:
        """`file:line:col: severity[code] slug: message`, one line."""
        place = f"{self.span}: " if self.span else ""
        return f"{place}{self.severity}[{self.code.code}] {self.code.slug}: {self.message}"

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By file, line, column, code."""
        if self.span is None:
            return ("", 0, 0, self.code.code, self.message)
        return (self.span.file, self.span.line, self.span.column, self.code.code, self.message)


class Found:
    """Collects diagnostics; always named `found`. Equal findings at one place are kept once."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Diagnostic] = ()) -> None:
        self._items: dict[Diagnostic, None] = dict.fromkeys(items)

    def add(
        self,
        code: Code,
        /,
        *,
        at: Span | None,
        label: str = "",
        help: str = "",
        notes: Iterable[str] = (),
        related: Iterable[Related] = (),
        **fields: object,
    ) -> Diagnostic:
        """Record a finding; `fields` fill the code's template."""
        diagnostic = Diagnostic(
            code=code,
            message=code.format(**fields),
            span=at,
            label=label,
            help=help,
            notes=tuple(notes),
            related=tuple(related),
        )
        self._items[diagnostic] = None
        return diagnostic

    def extend(self, items: Iterable[Diagnostic]) -> None:
        """Take over findings made elsewhere."""
        self._items.update(dict.fromkeys(items))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self._items)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """All findings by file, line, column, code."""
        return tuple(sorted(self._items, key=Diagnostic.sort_key))
