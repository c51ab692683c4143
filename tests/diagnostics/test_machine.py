"""Diagnostics as programs read them. Field names are API: these tests change only with a new version."""

from __future__ import annotations

import json

from tidegate.diagnostics import Diagnostic, Found, Related, Span
from tidegate.diagnostics.code import error, info
from tidegate.diagnostics.render import render

PORT = error("TG1999", "port-unknown", "port {port}")
CHOSEN = info("TG1997", "value-chosen", "{what} was chosen")


def items() -> list[Diagnostic]:
    """One with everything, one with nothing."""
    found = Found()
    found.add(
        PORT,
        at=Span("shop é/a.yaml", 3, 5, 3, 9),
        port="80,\n90%",
        label="here",
        help="use 80",
        notes=("so it is",),
        related=(Related(Span("/abs/b.yaml", 1, 1, 2, 1), "there"),),
    )
    found.add(CHOSEN, at=None, what="8080")
    return list(found)


def test_json_has_stable_fields() -> None:
    """Counts, then every diagnostic in order of place."""
    assert json.loads(render(items(), format="json")) == {
        "version": 1,
        "counts": {"errors": 1, "warnings": 0, "infos": 1},
        "diagnostics": [
            {
                "code": "TG1997",
                "slug": "value-chosen",
                "severity": "info",
                "message": "8080 was chosen",
                "place": None,
                "label": "",
                "help": "",
                "notes": [],
                "related": [],
            },
            {
                "code": "TG1999",
                "slug": "port-unknown",
                "severity": "error",
                "message": "port 80,\n90%",
                "place": {"file": "shop é/a.yaml", "line": 3, "column": 5, "end_line": 3, "end_column": 9},
                "label": "here",
                "help": "use 80",
                "notes": ["so it is"],
                "related": [
                    {
                        "place": {"file": "/abs/b.yaml", "line": 1, "column": 1, "end_line": 2, "end_column": 1},
                        "label": "there",
                    }
                ],
            },
        ],
    }


def test_json_of_nothing_is_a_report_too() -> None:
    """A program need not ask whether there is output."""
    counts = {"errors": 0, "warnings": 0, "infos": 0}
    assert json.loads(render([], format="json")) == {"version": 1, "counts": counts, "diagnostics": []}


def test_github_annotations_escape_what_would_end_them() -> None:
    """Commas and colons in properties, line breaks and percent signs everywhere."""
    assert render(items(), format="github") == (
        "::notice title=TG1997 value-chosen::8080 was chosen\n"
        "::error file=shop é/a.yaml,line=3,col=5,title=TG1999 port-unknown,endLine=3,endColumn=8::"
        "port 80,\\n90%25%0Ahelp: use 80\n"
    )


def test_sarif_has_rules_results_and_locations() -> None:
    """One run; each result points to its rule, its place and its related places."""
    log = json.loads(render(items(), format="sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["TG1997", "TG1999"]
    chosen, port = run["results"]
    assert chosen == {"ruleId": "TG1997", "ruleIndex": 0, "level": "note", "message": {"text": "8080 was chosen"}}
    assert port["level"] == "error"
    assert port["message"]["text"].endswith("note: so it is\nhelp: use 80")
    location = port["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "shop%20%C3%A9/a.yaml"
    assert location["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9}
    assert port["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///abs/b.yaml"
