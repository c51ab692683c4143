"""YAML files to located nodes.

Built from parser *events*, never with PyYAML's composer: composing recurses in C and a file of nested brackets kills
the process. The events come one by one, so that depth and counts are checked before anything grows.

What Kubernetes reads, this reads the same way (`scalars`, merge keys included). Refused, because PyYAML or Kubernetes
would guess: equal keys, tags, keys that are no words. A document with such a mistake is left out, the others of the
file are returned; a file that is no YAML at all returns nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import reading
from tidegate.sources import limits
from tidegate.sources.nodes import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.scalars import PlainValue, resolve
from tidegate.sources.source import Source
from tidegate.sources.text import forbidden_character, nul_escape, oversized
from tidegate.sources.values import NO_VALUES, fill

_MERGE: Final = "<<"
# Anchors and tags before a value, with what may stand between them and it.
_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*|(?=[,\[\]{}])))+")
_TAG: Final = re.compile(r"(?:&\S+\s+)?(![^\s,\[\]{}]*)")
_OTHER_BREAKS: Final = re.compile("[\x85\u2028\u2029]")
_TEMPLATE: Final = "a template must be rendered before it can be read; a text that begins with a brace needs quotes"
_HELP: Final = (
    # What stands where the parser gave up, or what it says.
    ("${", "inside brackets, put `${NAME}` in quotes; without quotes, write the mapping over several lines"),
    ("{{", _TEMPLATE),
    ("found a tab character", "indent with spaces: YAML takes no tabs there"),
    ("mapping values are not allowed", "put a text that holds `: ` in quotes, or indent the line as its neighbours"),
    ("cannot start any token", "indent with spaces, and put a text that begins with this character in quotes"),
    ("could not find expected ':'", "write `key: value`, with a space, or indent the line as its neighbours"),
)


def read_yaml(source: Source, found: Found, values: AbstractMapping[str, str] = NO_VALUES) -> tuple[Node, ...]:
    """Every document of a file that is not empty. `values` replace `${NAME}` inside scalars."""
    if oversized(source, found) or forbidden_character(source, found, format="YAML"):
        return ()
    reader = _Reader(source, found, values)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            reader.take(event)
    except yaml.YAMLError as problem:
        _syntax(source, problem, found)
        return ()
    except _Stop:
        return ()
    return tuple(reader.documents)


class _Stop(Exception):
    """A limit is passed; the rest of the file is not read."""


@dataclass(slots=True)
class _Open:
    """A sequence or mapping whose end has not come."""

    start: int
    anchor: str | None
    is_mapping: bool
    begin: tuple[int, int] | None
    """Line and column of `start`, where the scanner's marks tell."""
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    merges: list[tuple[Node, Span]] = field(default_factory=list)
    key: tuple[str, Span] | None = None
    """A key that waits for its value; key None with `skip` set: the key was refused."""
    skip: bool = False
    is_merge: bool = False
    """The key before was `<<`."""
    last: Span | None = None
    """The place of what was put into it last."""
    size: int = 1
    """Values in it, repeated ones counted again."""


class _Reader:
    def __init__(self, source: Source, found: Found, values: AbstractMapping[str, str]) -> None:
        self.documents: list[Node] = []
        self._source = source
        self._found = found
        self._values = values
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._open_anchors: set[str] = set()
        self._count = 0
        self._repeated = 0
        self._refused = False
        # The scanner skips a byte order mark without counting it.
        self._shift = int(source.text.startswith("\ufeff"))
        # It also ends lines at characters that are no line breaks to an editor.
        self._marks_are_ours = not self._shift and source.within is None and not _OTHER_BREAKS.search(source.text)
        self._takers: dict[type, Callable[[Any], None]] = {
            yaml.DocumentStartEvent: self._document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceEndEvent: self._end,
            yaml.MappingEndEvent: self._end,
        }

    def take(self, event: Any) -> None:
        """Take one parser event. PyYAML's events carry no types; a table is faster than asking for each class."""
        take = self._takers.get(type(event))
        if take is not None:
            take(event)

    def _document(self, _event: Any) -> None:
        self._anchors.clear()
        self._refused = False

    # -- events ------------------------------------------------------------------------------------------------------

    def _scalar(self, event: Any) -> None:
        self._tag(event)
        span = self._scalar_span(event)
        text = fill(event.value, self._values)
        self._refused |= nul_escape(text, span, self._found)
        is_plain = not event.style and event.implicit[0]
        value: PlainValue = text
        if is_plain:
            value = self._resolved(text, span) if text == event.value else _filled(text)
        self._place(Scalar(value, span, text), size=1, anchor=event.anchor, is_merge=is_plain and text == _MERGE)

    def _resolved(self, text: str, span: Span) -> PlainValue:
        resolved = resolve(text)
        if not resolved.finite:
            self._refuse(reading.NOT_FINITE, at=span, text=text, help="put it in quotes if text is meant")
        if resolved.surprise:
            self._found.add(
                reading.YAML_SURPRISE,
                at=span,
                text=text,
                meaning=resolved.surprise,
                label="read as Kubernetes reads it",
                help=f'write "{text}" if text is meant, or {resolved.surprise.split()[-1]} if not',
            )
        return resolved.value

    def _begin(self, event: Any) -> None:
        self._tag(event)
        if len(self._stack) >= limits.DEPTH:
            start = self._start(event)
            self._found.add(reading.TOO_DEEP, at=self._source.span(start, start), limit=limits.DEPTH)
            raise _Stop
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.anchor:
            self._open_anchors.add(event.anchor)
        start, begin = 0, None
        if self._marks_are_ours and event.anchor is None and event.tag is None:
            mark = event.start_mark
            start = mark.index
            begin = (mark.line + self._source.lines_before + 1, mark.column + self._source.columns_before + 1)
        else:
            start = self._start(event)
        self._stack.append(_Open(start, event.anchor, is_mapping, begin))

    def _end(self, event: Any) -> None:
        done = self._stack.pop()
        self._open_anchors.discard(done.anchor or "")
        span = self._collection_span(done, event.end_mark.index + self._shift)
        node: Node
        if done.is_mapping:
            self._merge(done)
            node = Mapping(done.entries, span)
        else:
            node = Sequence(tuple(done.items), span)
        self._place(node, size=done.size, anchor=done.anchor)

    def _alias(self, event: Any) -> None:
        span = self._source.span(event.start_mark.index + self._shift, event.end_mark.index + self._shift)
        known = self._anchors.get(event.anchor)
        if known is None:
            is_open = event.anchor in self._open_anchors
            problem = "stands inside what it repeats" if is_open else "names nothing above it"
            self._refuse(reading.ALIAS_UNKNOWN, at=span, name=event.anchor, problem=problem)
            self._place(Scalar(None, span, ""), size=1, anchor=None)
            return
        node, size = known
        self._repeat(size, span)
        self._place(node, size=size, anchor=None, written=span)

    # -- building ----------------------------------------------------------------------------------------------------

    def _place(
        self, node: Node, *, size: int, anchor: str | None, written: Span | None = None, is_merge: bool = False
    ) -> None:
        """Put a finished value where it belongs: a document, an item, a key or a key's value. `written` is the place of
        an alias, whose value stands elsewhere."""
        self._count += 1
        if self._count > limits.NODES:
            self._found.add(reading.TOO_MANY_VALUES, at=node.span.start, limit=limits.NODES)
            raise _Stop
        if anchor:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            is_empty = isinstance(node, Scalar) and node.value is None and not node.text
            if not self._refused and not is_empty:
                self.documents.append(node)
            return
        parent = self._stack[-1]
        parent.size += size
        parent.last = written or node.span
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.skip:
            parent.skip = False
        elif parent.is_merge:
            parent.is_merge = False
            parent.merges.append((node, parent.last))
        elif parent.key is not None:
            key, span = parent.key
            parent.key = None
            parent.entries[key] = Entry(key, span, node)
        elif is_merge:
            parent.is_merge = True
        else:
            self._key(parent, node, parent.last)

    def _key(self, parent: _Open, node: Node, span: Span) -> None:
        if not isinstance(node, Scalar) or node.value is None:
            advice = _TEMPLATE if isinstance(node, Mapping) else ""  # `name: {{ ... }}` of Helm
            self._refuse(reading.YAML_KEY, at=span, kind=_kind(node), help=advice)
            parent.skip = True
            return
        key = _key_text(node)
        if (first := parent.entries.get(key)) is not None:
            self._refuse(
                reading.DUPLICATE_KEY,
                at=span,
                key=key,
                label="the second one",
                related=(Related(first.key_span, "the first one"),),
                help="keep one of them",
            )
            parent.skip = True
            return
        parent.key = (key, span)

    def _merge(self, done: _Open) -> None:
        """Add the entries of `<<` values: a key's own value wins, then the first mapping that has it."""
        for node, span in done.merges:
            for mapping in node.items if isinstance(node, Sequence) else (node,):
                if not isinstance(mapping, Mapping):
                    self._refuse(reading.MERGE_KEY, at=span, kind=_kind(mapping))
                    continue
                self._repeat(len(mapping.entries), span)
                for key, entry in mapping.entries.items():
                    done.entries.setdefault(key, entry)

    def _repeat(self, size: int, span: Span) -> None:
        self._repeated += size
        if self._repeated > limits.EXPANSION:
            self._found.add(reading.ALIAS_EXPANSION, at=span, limit=limits.EXPANSION)
            raise _Stop

    # -- places and findings -----------------------------------------------------------------------------------------

    def _scalar_span(self, event: Any) -> Span:
        first, last = event.start_mark, event.end_mark
        text, source = self._source.text, self._source
        is_bare = event.anchor is None and event.tag is None
        if self._marks_are_ours and is_bare and (first.index == last.index or text[last.index - 1] not in " \t\r\n"):
            line, column = source.lines_before + 1, source.columns_before + 1
            return Span(source.path, first.line + line, first.column + column, last.line + line, last.column + column)
        start, end = self._start(event), last.index + self._shift
        # A block scalar's end mark stands behind its last line break, and behind blank lines.
        while end > start and text[end - 1] in " \t\r\n":
            end -= 1
        return source.span(start, max(start, end))

    def _start(self, event: Any) -> int:
        """Where a value begins, behind its anchor and tag."""
        start: int = event.start_mark.index + self._shift
        if event.anchor is None and event.tag is None:
            return start
        is_scalar = type(event) is yaml.ScalarEvent
        end = event.end_mark.index + self._shift if is_scalar else len(self._source.text)
        match = _PROPERTIES.match(self._source.text, start, end)
        return match.end() if match else start

    def _collection_span(self, done: _Open, end: int) -> Span:
        # A block collection's end event stands at the next token, behind blank lines and comments: end at the last
        # value instead. Flow collections end with their bracket.
        is_flow = self._source.text.startswith(("[", "{"), done.start)
        if done.begin is not None and not is_flow and done.last is not None:
            return Span(self._source.path, *done.begin, done.last.end_line, done.last.end_column)
        if is_flow or done.last is None:
            return self._source.span(done.start, max(done.start, end))
        return self._source.span(done.start, done.start).to(done.last)

    def _tag(self, event: Any) -> None:
        if event.tag is not None:
            start = event.start_mark.index + self._shift
            match = _TAG.match(self._source.text, start)
            at = self._source.span(match.start(1), match.end(1)) if match else self._source.span(start, start)
            written = match[1] if match else event.tag
            self._refuse(reading.YAML_TAG, at=at, tag=written, help="leave the tag out; quote what is text")

    def _refuse(self, code: Any, /, *, at: Span, **fields: Any) -> None:
        self._refused = True
        self._found.add(code, at=at, **fields)


def _filled(text: str) -> PlainValue:
    """What a filled-in value means: a number or boolean only if nobody can take it for something else. A password
    012345 stays text, and no warning may show it."""
    resolved = resolve(text)
    return text if resolved.surprise or not resolved.finite else resolved.value


def _kind(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar():
            return "a single value"


def _key_text(node: Scalar) -> str:
    """Keys become strings as in Kubernetes: `80` is "80", `on` is "true"."""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    return node.value if isinstance(node.value, str) else str(node.value)


def _syntax(source: Source, problem: yaml.YAMLError, found: Found) -> None:
    shift = int(source.text.startswith("\ufeff"))
    if isinstance(problem, yaml.MarkedYAMLError) and (mark := problem.problem_mark) is not None:
        offset = mark.index + shift
        detail = " ".join(filter(None, (problem.context, problem.problem)))
        related: tuple[Related, ...] = ()
        if (begun := problem.context_mark) is not None and begun.index != mark.index:
            start = begun.index + shift
            related = (Related(source.span(start, start), problem.context or "begun here"),)
        seen = f"{detail} {source.text[max(0, offset - 2) : offset + 2]}"
        advice = next((text for words, text in _HELP if words in seen), "")
        found.add(reading.YAML_SYNTAX, at=source.span(offset, offset), detail=detail, related=related, help=advice)
        return
    offset = getattr(problem, "position", 0)
    found.add(
        reading.YAML_SYNTAX, at=source.span(offset, offset), detail=getattr(problem, "reason", "it cannot be read")
    )
