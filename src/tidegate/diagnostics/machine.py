"""Diagnostics for programs: JSON, GitHub Actions annotations, SARIF 2.1.0. Field names are API."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote

from tidegate.diagnostics.code import Code, Severity
from tidegate.diagnostics.diagnostic import Diagnostic
from tidegate.diagnostics.snippet import clean
from tidegate.diagnostics.spans import Span

Json = dict[str, object]

_GITHUB: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SARIF: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def to_json(diagnostics: list[Diagnostic]) -> str:
    """One object with counts and the list, two spaces indented."""
    counts = {f"{severity}s": sum(d.severity is severity for d in diagnostics) for severity in Severity}
    return _dump({"version": 1, "counts": counts, "diagnostics": [_object(d) for d in diagnostics]})


def to_github(diagnostic: Diagnostic) -> str:
    """One workflow command, which GitHub shows on the changed line."""
    properties = {"title": f"{diagnostic.code.code} {diagnostic.code.slug}"}
    if (span := diagnostic.span) is not None:
        properties = {"file": span.file, "line": str(span.line), "col": str(span.column), **properties}
        properties |= {"endLine": str(span.end_line)}
        if span.end_line == span.line:
            properties |= {"endColumn": str(max(span.column, span.end_column - 1))}
    text = clean(diagnostic.message) + (f"\nhelp: {clean(diagnostic.help)}" if diagnostic.help else "")
    listed = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{_GITHUB[diagnostic.severity]} {listed}::{_escaped(text)}"


def to_sarif(diagnostics: list[Diagnostic]) -> str:
    """One run; a rule for each code that occurs."""
    codes = sorted({d.code for d in diagnostics}, key=lambda code: code.code)
    driver = {"name": "tidegate", "rules": [_rule(code) for code in codes]}
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, codes.index(d.code)) for d in diagnostics],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return _dump({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _object(diagnostic: Diagnostic) -> Json:
    return {
        "code": diagnostic.code.code,
        "slug": diagnostic.code.slug,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "place": _place(diagnostic.span) if diagnostic.span else None,
        "label": diagnostic.label,
        "help": diagnostic.help,
        "notes": list(diagnostic.notes),
        "related": [{"place": _place(related.span), "label": related.label} for related in diagnostic.related],
    }


def _place(span: Span) -> Json:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _escaped(text: str, also: str = "") -> str:
    # GitHub's workflow commands end at a line break; in properties `:` and `,` separate.
    for character in "%\r\n" + also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _rule(code: Code) -> Json:
    return {
        "id": code.code,
        "name": "".join(word.capitalize() for word in code.slug.split("-")),
        "shortDescription": {"text": code.slug},
        "defaultConfiguration": {"level": _SARIF[code.severity]},
    }


def _result(diagnostic: Diagnostic, rule: int) -> Json:
    # SARIF has no place for notes and help; its viewers show the message as it is.
    extra = [
        *(f"note: {note}" for note in diagnostic.notes),
        *([f"help: {diagnostic.help}"] if diagnostic.help else []),
    ]
    result: Json = {
        "ruleId": diagnostic.code.code,
        "ruleIndex": rule,
        "level": _SARIF[diagnostic.severity],
        "message": {"text": "\n".join((diagnostic.message, *extra))},
    }
    if diagnostic.span is not None:
        result["locations"] = [_location(diagnostic.span, diagnostic.label)]
    if diagnostic.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.span, related.label)}
            for number, related in enumerate(diagnostic.related)
        ]
    return result


def _location(span: Span, label: str) -> Json:
    uri = ("file://" if span.file.startswith("/") else "") + quote(span.file)
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    location: Json = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    return {**location, "message": {"text": label}} if label else location


def _dump(document: Json) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
