"""The part of docs/supported.md on C# in policies: the members that exist, and forms tried on the real compiler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scripts.pages.diagnostics_page import cell
from tidegate.diagnostics import Found, Span
from tidegate.policies.expressions import check_expression, parse_expression
from tidegate.policies.expressions.members import INDEXER, MEMBERS, MemberRow
from tidegate.policies.expressions.types import STRING

SECTION: Final = "inbound"

FORMS: Final = (
    ("text", '"plain" + @"verbatim"'),
    ("text with values in it", '$"from {context.Request.IpAddress}"'),
    ("whole numbers, 32 bits", "0x10"),
    ("joining texts and numbers", '"n" + 1'),
    ("arithmetic", "2 * 3"),
    ("comparison and logic", '!(1 < 2) || context.Request.Method == "GET"'),
    ("condition", 'context.Request.Method == "GET" ? "read" : "write"'),
    ("default for null", 'context.Request.Headers.GetValueOrDefault("x-tenant") ?? "none"'),
    ("question mark and dot", '"".AsJwt()?.Subject'),
    ("cast of a variable", '((Jwt)context.Variables["jwt"]).Issuer'),
    ("array", 'String.Join(",", new [] {"a", "b"})'),
    ("element of an array", '(new [] {"a", "b"})[0]'),
    ("numbers with a fraction", "1.5"),
    ("single characters", "'a'"),
    ("`is`", "context.Request.Method is string"),
    ("`as`", 'context.Variables["jwt"] as Jwt'),
    ("lambdas", 'new [] {"a"}.Any(x => x == "a")'),
    ("new objects", "new Random()"),
    ("assignments", 'context.Variables["a"] = "b"'),
    ("type arguments", 'context.Variables.GetValueOrDefault<string>("a", "")'),
    ("the request's body", "context.Request.Body.As<string>()"),
    ("dates", "DateTime.UtcNow.ToString()"),
    ("identifiers", "Guid.NewGuid().ToString()"),
    ("regular expressions", 'Regex.IsMatch("a", "b")'),
    ("the matched parameters of the path", 'context.Request.MatchedParameters["id"]'),
    ("the id of the request", "context.RequestId.ToString()"),
)
"""What people write, each with an example. Whether it is accepted is not said here: the compiler is asked."""


@dataclass(frozen=True, slots=True)
class PlainCode:
    """An expression that stands in no file."""

    text: str

    def span(self, start: int, end: int) -> Span:
        """Columns of the one line."""
        return Span("expression", 1, start + 1, 1, end + 1)

    def cut(self, start: int, end: int) -> PlainCode:
        """A part; nobody looks at its columns."""
        return PlainCode(self.text[start:end])


def render() -> str:
    """Both tables."""
    return f"{forms()}\n{members(MEMBERS)}"


def forms() -> str:
    """Each form with the compiler's verdict."""
    lines = ["| form | example | |", "| --- | --- | --- |"]
    for name, example in FORMS:
        shown = example.replace("|", "\\|")
        lines.append(f"| {name} | `{shown}` | {verdict(example)} |")
    return "\n".join([*lines, ""])


def verdict(text: str) -> str:
    """ "yes", or "no" with the compiler's own words."""
    found = Found()
    tree = parse_expression(PlainCode(text), found=found)
    if tree is not None and check_expression(tree, wanted=STRING, section=SECTION, found=found) is not None:
        return "yes"
    first = found.sorted()[0]
    return f"no: {cell(first.message)} ({first.code.code})"


def members(rows: Iterable[MemberRow]) -> str:
    """The members by the type that they are asked of."""
    owners: dict[str, dict[str, None]] = {}
    for row in rows:
        name = str(row.owner)
        owner = f"`{name}`" if row.owner.name == name else f"`{name}`, the {row.owner.name}"
        owners.setdefault(owner, {}).setdefault(f"`{_name(row)}`{_sections(row)}", None)
    lines = ["| of | members |", "| --- | --- |"]
    for owner, names in owners.items():
        lines.append(f"| {cell(owner)} | {cell(', '.join(names))} |")
    return "\n".join([*lines, ""])


def _name(row: MemberRow) -> str:
    if row.parameters is None:
        return row.name
    if row.name == INDEXER:
        return f"[{', '.join(map(str, row.parameters))}]"
    return f"{row.name}{row.signature}"


def _sections(row: MemberRow) -> str:
    return f" in {' and '.join(row.sections)}" if row.sections else ""
