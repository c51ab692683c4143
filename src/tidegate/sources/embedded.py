"""A text inside a YAML file as a source of its own, such as a policy document under `inline: |`."""

from __future__ import annotations

from tidegate.sources.nodes import Scalar
from tidegate.sources.source import Source


def embedded(source: Source, scalar: Scalar) -> Source:
    """The scalar's text as a source whose spans point into `source`.

    Places are exact for literal blocks (`|`) and for text on one line without escapes. For what YAML rewrites (folded
    or escaped text, `${NAME}`), every span is the whole scalar's.
    """
    raw = source.cut(scalar.span)
    literal = _literal_block(source, scalar, raw)
    if literal is not None:
        return literal
    quotes = 1 if raw[:1] in ("'", '"') else 0
    if scalar.text and raw[quotes : len(raw) - quotes] == scalar.text and "\n" not in scalar.text:
        return Source(source.path, scalar.text, scalar.span.line - 1, scalar.span.column - 1 + quotes)
    return Source(source.path, scalar.text, within=scalar.span)


def _literal_block(source: Source, scalar: Scalar, raw: str) -> Source | None:
    if not raw.startswith("|"):
        return None
    lines = scalar.text.split("\n")
    written = [line.removesuffix("\r") for line in source.text.split("\n")][scalar.span.line - source.lines_before :]
    filled = next((index for index, line in enumerate(lines) if line), None)
    if filled is None or filled >= len(written):
        return None
    indent = len(written[filled]) - len(lines[filled])
    # Compared line by line: `${NAME}` may have changed any of them.
    for line, text in zip(written, lines, strict=False):
        if line != " " * indent + text and (line.strip() or text):
            return None
    return Source(source.path, scalar.text, scalar.span.line, indent + source.columns_before)
