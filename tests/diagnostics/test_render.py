"""Diagnostics as people and editors see them."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Diagnostic, Found, Related, Span
from tidegate.diagnostics.code import error, info, warning
from tidegate.diagnostics.render import FORMATS, render, summary

PORT = error("TG1999", "port-unknown", "HTTPRoute {route} sends to port {port}")
ODD = warning("TG1998", "value-odd", "`{text}` is odd")
CHOSEN = info("TG1997", "value-chosen", "{what} was chosen")

SHOP = """\
spec:
  rules:
    - backendRefs:
        - name: cart
          port: 8081
"""
SERVICES = """\
ports:
  - port: 80
"""


def at(file: str, line: int, column: int, length: int = 1) -> Span:
    """A span on one line."""
    return Span(file, line, column, line, column + length)


def shown(*items: Diagnostic, sources: dict[str, str] | None = None, **options: bool) -> str:
    """The full form."""
    return render(items, format="full", sources=sources or {}, **options)


def finding(code: object, span: Span | None, **fields: object) -> Diagnostic:
    """One diagnostic."""
    return Found().add(code, at=span, **fields)  # type: ignore[arg-type] # the tests' own table


def test_full_form_shows_place_label_related_notes_and_help() -> None:
    """The whole anatomy, gutter as wide as the largest line number."""
    diagnostic = finding(
        PORT,
        at("gateways/shop.yaml", 5, 17, 4),
        route="shop/checkout",
        port=8081,
        label="cart has 80",
        related=(Related(at("gateways/services.yaml", 1, 1, 5), "cart's ports are declared here"),),
        notes=("the route answers 500",),
        help="use port 80",
    )
    assert (
        shown(diagnostic, sources={"gateways/shop.yaml": SHOP, "gateways/services.yaml": SERVICES})
        == """\
error[TG1999] port-unknown: HTTPRoute shop/checkout sends to port 8081
 --> gateways/shop.yaml:5:17
  |
3 |     - backendRefs:
4 |         - name: cart
5 |           port: 8081
  |                 ^^^^ cart has 80
  |
 ::: gateways/services.yaml:1:1
  |
1 | ports:
  | ----- cart's ports are declared here
  |
note: the route answers 500
help: use port 80

"""
    )


def test_a_finding_without_place_or_text_still_says_all() -> None:
    """The command line has no file; a file may be gone; a label must not be lost."""
    nowhere = finding(CHOSEN, None, what="port 8080")
    gone = finding(ODD, at("gone.yaml", 3, 1), text="x", label="read as y")
    assert (
        shown(nowhere, gone)
        == """\
info[TG1997] value-chosen: port 8080 was chosen

warning[TG1998] value-odd: `x` is odd
 --> gone.yaml:3:1
  = read as y

"""
    )


def test_tabs_and_wide_characters_keep_marks_below_their_text() -> None:
    """Columns count characters; the terminal counts cells."""
    text = shown(finding(ODD, at("a", 1, 7, 3), text="x"), sources={"a": "\t漢字é:\txyz"})
    assert "1 |     漢字é:  xyz\n  |             ^^^\n" in text
    text = shown(finding(ODD, at("a", 1, 2, 2), text="x"), sources={"a": "\t漢字"})
    assert "  |     ^^^^\n" in text


def test_nothing_can_steer_the_terminal() -> None:
    """Control characters and changes of direction are shown as escapes, in messages and in the author's lines."""
    span = at("a\x1b[2J", 1, 6)
    text = shown(finding(ODD, span, text="\x1b[31m\n\u202e"), sources={"a\x1b[2J": "a: \x9b \u202e"})
    assert (
        text
        == """\
warning[TG1998] value-odd: `\\x1b[31m\\n\\u202e` is odd
 --> a\\x1b[2J:1:6
  |
1 | a: \\x9b \\u202e
  |         ^^^^^^
  |

"""
    )


def test_long_lines_are_cut_around_the_span() -> None:
    """A minified file shows the part that matters."""
    text = shown(finding(ODD, at("a", 1, 1001, 4), text="x"), sources={"a": "x" * 1000 + "HERE" + "y" * 1000})
    line, marks = text.splitlines()[3:5]
    assert len(line) < 160
    assert line[marks.index("^") : marks.rindex("^") + 1] == "HERE"


def test_span_over_lines_is_marked_on_its_first() -> None:
    """To the end of that line."""
    assert "1 | abc\n  |  ^^\n" in shown(finding(ODD, Span("a", 1, 2, 3, 1), text="x"), sources={"a": "abc\nd\n"})


def test_span_at_the_end_of_the_file_is_marked_behind_it() -> None:
    """Where something is missing, the mark stands where it would be."""
    assert "1 | abc\n  |    ^ here\n" in shown(
        finding(ODD, at("a", 1, 4, 0), text="x", label="here"), sources={"a": "abc"}
    )
    assert "2 |\n  | ^ here\n" in shown(finding(ODD, at("a", 2, 1, 0), text="x", label="here"), sources={"a": "abc\n"})


def test_colors_only_when_asked() -> None:
    """Without colours no escape leaves the renderer; with them, taking them out gives the plain form."""
    diagnostic = finding(PORT, at("a", 1, 1), route="r", port=1, label="x")
    plain = shown(diagnostic, sources={"a": "b"})
    colored = shown(diagnostic, sources={"a": "b"}, color=True)
    assert "\x1b" not in plain
    for sequence in ("\x1b[1;31m", "\x1b[1;34m", "\x1b[0m"):
        assert sequence in colored
        colored = colored.replace(sequence, "")
    assert colored == plain


def test_order_is_by_place_and_errors_come_before_the_limit() -> None:
    """At most fifty are printed, errors first among those; then a count."""
    warnings = [finding(ODD, at("a", line, 1), text=line) for line in range(1, 60)]
    errors = [finding(PORT, at("b", line, 1), route="r", port=line) for line in (2, 1)]
    lines = render([*errors, *warnings], format="concise").splitlines()
    assert len(lines) == 51
    assert lines[0] == "a:1:1: warning[TG1998] value-odd: `1` is odd"
    assert lines[48:] == [
        "b:1:1: error[TG1999] port-unknown: HTTPRoute r sends to port 1",
        "b:2:1: error[TG1999] port-unknown: HTTPRoute r sends to port 2",
        "... and 11 more: 2 errors, 59 warnings in all",
    ]


def test_summary_counts_by_severity() -> None:
    """One is singular; what there is none of is left out."""
    assert summary([]) == ""
    assert summary([finding(ODD, None, text=1)] * 2 + [finding(CHOSEN, None, what=1)]) == "2 warnings, 1 info"


@pytest.mark.parametrize("format", ["full", "concise", "github"])
def test_nothing_found_says_nothing(format: str) -> None:
    """The formats for people are empty then."""
    assert render([], format=format) == ""


def test_unknown_format_is_the_callers_mistake() -> None:
    """It names the known ones."""
    with pytest.raises(ValueError, match=f"must be one of {', '.join(FORMATS)}"):
        render([], format="xml")
