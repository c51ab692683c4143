"""Located trees and findings as text, for goldens: every value with its place."""

from __future__ import annotations

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.render import render
from tidegate.sources import Element, Expression, Mapping, Node, Scalar, Sequence, Source, Text


def place(span: Span) -> str:
    """`line:column-line:column`, or `line:column-column` within a line."""
    end = f"{span.end_column}" if span.end_line == span.line else f"{span.end_line}:{span.end_column}"
    return f"{span.line}:{span.column}-{end}"


def print_node(node: Node, path: str = "$") -> list[str]:
    """A line for each value: its path, place and value."""
    match node:
        case Scalar(value=value, span=span):
            return [f"{path} @{place(span)} = {value!r}"]
        case Sequence(items=items, span=span):
            return [
                f"{path} @{place(span)} list of {len(items)}",
                *(line for index, item in enumerate(items) for line in print_node(item, f"{path}[{index}]")),
            ]
        case Mapping(entries=entries, span=span):
            return [
                f"{path} @{place(span)} mapping of {len(entries)}",
                *(
                    line
                    for key, entry in entries.items()
                    for line in print_node(entry.node, f"{path}.{key} ({place(entry.key_span)})")
                ),
            ]


def print_part(part: Text | Expression) -> str:
    """A literal or an expression with its place and meaning."""
    if isinstance(part, Text):
        return f"text @{place(part.span)} {part.text!r}"
    kind = "block" if part.is_block else "expression"
    return f"{kind} @{place(part.span)} code @{place(part.code.whole)} {part.code.text!r}"


def print_element(element: Element, indent: str = "") -> list[str]:
    """An element with its attributes and content, indented by depth."""
    lines = [f"{indent}<{element.name}> @{place(element.span)}"]
    for attribute in element.attributes.values():
        lines.append(f"{indent}  {attribute.name} @{place(attribute.name_span)} = @{place(attribute.span)}")
        lines += [f"{indent}    {print_part(part)}" for part in attribute.value]
    for item in element.content:
        lines += print_element(item, indent + "  ") if isinstance(item, Element) else [f"{indent}  {print_part(item)}"]
    return lines


def print_found(found: Found, *sources: Source) -> str:
    """The diagnostics as the command line shows them."""
    return render(found, format="full", sources={source.path: source.text for source in sources})


def expressions(element: Element) -> list[Expression]:
    """Every expression of an element and its children, in the order of the document."""
    own = [part for attribute in element.attributes.values() for part in attribute.value]
    inner = [each for item in element.content for each in (expressions(item) if isinstance(item, Element) else [item])]
    return [each for each in (*own, *inner) if isinstance(each, Expression)]
