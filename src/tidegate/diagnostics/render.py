"""Diagnostics as text: for people, editors, CI and machines.

`full` is what the command line shows, `concise` one line each, `json` our own stable shape, `github` annotations of
GitHub Actions, `sarif` SARIF 2.1.0. Every format is a pure function of the diagnostics and the files' texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tidegate.diagnostics import machine
from tidegate.diagnostics.code import Severity
from tidegate.diagnostics.diagnostic import Diagnostic
from tidegate.diagnostics.snippet import Texts, clean, draw, gutter_width

FORMATS: Final = ("full", "concise", "json", "github", "sarif")
MAX_PRINTED: Final = 50
"""Of `full`, `concise` and `github`; the formats for machines hold everything."""

_CONTEXT: Final = 2
_COLORS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_GUTTER_COLOR: Final = "34"


def render(
    diagnostics: Iterable[Diagnostic], *, format: str, sources: Mapping[str, str] | None = None, color: bool = False
) -> str:
    """Show the diagnostics, sorted by place. `sources` maps the files of spans to their texts, for `full`.

    Without diagnostics, the formats for people are "" and those for machines an empty report.
    """
    ordered = sorted(diagnostics, key=Diagnostic.sort_key)
    match format:
        case "json":
            return machine.to_json(ordered)
        case "sarif":
            return machine.to_sarif(ordered)
        case "full":
            texts = Texts(sources or {})
            return _printed(ordered, [_full(d, texts, _paint if color else _plain) for d in _chosen(ordered)])
        case "concise":
            return _printed(ordered, [clean(d.concise()) + "\n" for d in _chosen(ordered)])
        case "github":
            return _printed(ordered, [machine.to_github(d) + "\n" for d in _chosen(ordered)])
        case _:
            raise ValueError(f"format {format!r} is unknown; must be one of {', '.join(FORMATS)}")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; "" for none."""
    found = [d.severity for d in diagnostics]
    counts = [(severity, found.count(severity)) for severity in Severity]
    return ", ".join(f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts if count)


def _chosen(ordered: list[Diagnostic]) -> list[Diagnostic]:
    """The ones to print: all, or as many as fit with the errors first; in their order."""
    if len(ordered) <= MAX_PRINTED:
        return ordered
    severities = list(Severity)
    ranked = sorted(range(len(ordered)), key=lambda index: (severities.index(ordered[index].severity), index))
    return [ordered[index] for index in sorted(ranked[:MAX_PRINTED])]


def _printed(ordered: list[Diagnostic], blocks: list[str]) -> str:
    left = len(ordered) - len(blocks)
    if left:
        blocks.append(f"... and {left} more: {summary(ordered)} in all\n")
    return "".join(blocks)


def _plain(text: str, _color: str) -> str:
    return text


def _paint(text: str, color: str) -> str:
    return f"\x1b[1;{color}m{text}\x1b[0m" if text else ""


def _full(diagnostic: Diagnostic, texts: Texts, paint: Callable[[str, str], str]) -> str:
    """A heading, the place with the author's text, related places, notes, and one line of help."""
    color = _COLORS[diagnostic.severity]
    code = diagnostic.code
    lines = [paint(f"{diagnostic.severity}[{code.code}]", color) + f" {code.slug}: {clean(diagnostic.message)}"]
    places = [("-->", "^", diagnostic.span, diagnostic.label, _CONTEXT)] if diagnostic.span else []
    places += [(":::", "-", related.span, related.label, 0) for related in diagnostic.related]
    gutter = gutter_width([span for _, _, span, _, _ in places])
    for arrow, mark, span, label, context in places:
        lines.append(" " * gutter + paint(arrow, _GUTTER_COLOR) + f" {clean(str(span))}")
        rows = draw(span, texts, mark=mark, label=label, context=context, gutter=gutter)
        if not rows and label:
            lines.append(" " * gutter + paint(" = ", _GUTTER_COLOR) + clean(label))
        for number, text, kind in rows:
            drawn = paint(text, color if mark == "^" else _GUTTER_COLOR) if kind == "mark" else text
            lines.append((paint(f"{number} |", _GUTTER_COLOR) + f" {drawn}").rstrip())
    lines += [f"note: {clean(note)}" for note in diagnostic.notes]
    lines += [f"help: {clean(diagnostic.help)}"] if diagnostic.help else []
    return "\n".join(lines) + "\n\n"
