"""The part of docs/supported.md on C# in policies: the members that exist, and forms tried on the real compiler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scripts.pages.diagnostics_page import cell
from tidegate.diagnostics import Found, Span
from tidegate.policies.expressions import compile_expression
from tidegate.policies.expressions.members import INDEXER, MEMBERS, MemberRow
from tidegate.policies.expressions.members.row import CONSTRUCTOR, SETTER
from tidegate.policies.expressions.types import STRING

SECTION: Final = "inbound"

FORMS: Final = (
    ("text", '"plain" + @"verbatim"'),
    ("text with values in it, aligned and formatted", '$"from {context.Request.IpAddress,-15} {1.5:F2}"'),
    ("whole numbers of 8 to 64 bits", "0x10 + 0b11 + 1_000L + 5U"),
    ("numbers with a fraction", "1.5 + 2.5f"),
    ("decimal numbers", "1.50m + 2"),
    ("single characters", "'a' + 1"),
    ("joining texts and numbers", '"n" + 1'),
    ("arithmetic, bits and shifts", "(2 * 3 - 7 / 2) % 5 << 1 | ~4 & 6"),
    ("checked and unchecked", "unchecked((byte)(255 + context.Request.Method.Length))"),
    ("comparison and logic", '!(1 < 2) || context.Request.Method == "GET"'),
    ("condition", 'context.Request.Method == "GET" ? "read" : "write"'),
    ("default for null", 'context.Request.Headers.GetValueOrDefault("x-tenant") ?? "none"'),
    ("question mark and dot, question mark and index", '"".AsJwt()?.Claims["a"]?[0]'),
    ("numbers that may be null", "((int?)null ?? 1) + 1"),
    ("cast of a variable", '((Jwt)context.Variables["jwt"]).Issuer'),
    ("`is`", "context.Request.Method is string"),
    ("`as`", '(context.Variables["jwt"] as Jwt)?.Issuer'),
    ("arrays and their elements", '(new [] {"a", "b"})[0] + new byte[16].Length'),
    ("new objects, with initializers", 'new List<int>() {1, 2}.Count + new Dictionary<string, int> { ["a"] = 1 }["a"]'),
    ("anonymous objects", 'new { name = "a", size = 1 }.name'),
    ("lambdas and LINQ", 'new [] {"a"}.Where(x => x == "a").Select(x => x + "!").FirstOrDefault()'),
    ("type arguments", 'context.Variables.GetValueOrDefault<string>("a", "")'),
    ("named arguments", "context.Request.Body.As<string>(preserveContent: true)"),
    ("out parameters", 'int.TryParse("1", out var n) ? n : 0'),
    ("names in full", 'System.Text.Encoding.UTF8.GetBytes("a").Length'),
    (
        "statements: variables, if, loops, switch",
        "{ var n = 0; foreach (var x in new [] {1}) { if (x > 0) n += x; } return n; }",
    ),
    (
        "try, catch, finally, throw",
        '{ try { return int.Parse("x"); } catch (FormatException e) { return e.Message; } }',
    ),
    ("local functions", "{ int twice(int n) => n * 2; return twice(2); }"),
    ("assignments to variables of policies", 'context.Variables["a"] = "b"'),
    ("tuples", '(1, "a")'),
    ("patterns other than a type", "context.Request.Method is { Length: 3 }"),
    ("query expressions", "from x in new [] {1} select x"),
    ("`dynamic`", "{ dynamic x = 1; return x; }"),
    ("C# 8 and later", "{ string? x = null; return x; }"),
    ("dates", "DateTime.UtcNow.ToString()"),
    ("identifiers", "Guid.NewGuid().ToString()"),
    ("regular expressions", 'Regex.IsMatch("a", "b")'),
    ("the matched parameters of the path", 'context.Request.MatchedParameters["id"]'),
    ("the id of the request", "context.RequestId.ToString()"),
)
"""What people write, each with an example; `{...}` is a block. Whether it is accepted the compiler is asked."""


@dataclass(frozen=True, slots=True)
class PlainCode:
    """An expression that stands in no file."""

    text: str

    def span(self, start: int, end: int) -> Span:
        """Columns of the one line."""
        return Span("expression", 1, start + 1, 1, end + 1)


def render() -> str:
    """Both tables."""
    return f"{forms()}\n{members(MEMBERS)}"


def forms() -> str:
    """Each form with the compiler's verdict."""
    lines = ["| form | example | |", "| --- | --- | --- |"]
    for name, example in FORMS:
        shown = (f"@{example}" if example.startswith("{") else example).replace("|", "\\|")
        lines.append(f"| {name} | `{shown}` | {verdict(example)} |")
    return "\n".join([*lines, ""])


def verdict(text: str) -> str:
    """ "yes", or "no" with the compiler's own words."""
    found = Found()
    is_block = text.startswith("{")
    code = PlainCode(text[1:-1] if is_block else text)
    if compile_expression(code, is_block=is_block, wanted=STRING, section=SECTION, found=found) is not None:
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
    listed = [f"out {p}" if place in row.out else str(p) for place, p in enumerate(row.parameters)]
    if row.repeats:
        listed[-1] = f"params {listed[-1]}[]"
    if row.name == INDEXER:
        return f"[{', '.join(listed)}]"
    if row.name == INDEXER + SETTER:
        return f"[{', '.join(listed[:-1])}] ="
    if row.name.endswith(SETTER) and row.name[0].isalpha():
        return f"{row.name.removesuffix(SETTER)} ="
    if row.name == CONSTRUCTOR:
        return f"new {row.owner.name}({', '.join(listed)})"
    if row.name in ("implicit", "explicit"):
        return f"{row.name} {listed[0]} to {row.result}"
    return f"{row.name}({', '.join(listed)})"


def _sections(row: MemberRow) -> str:
    return f" in {' and '.join(row.sections)}" if row.sections else ""
