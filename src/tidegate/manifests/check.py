"""A document against its schema: every finding at once, each at its own place.

Two passes. The first walks the document beside the schema and judges field names and unfilled `${NAME}`s; the second
lets pydantic judge what the fields hold, and turns its paths into spans.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tidegate.diagnostics import Code, Found, Span
from tidegate.diagnostics.codes import kinds as kind_codes
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean, nearest
from tidegate.manifests.schema import Resource, Schema
from tidegate.manifests.schema.rules import AT, Context
from tidegate.sources import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.nodes import at, to_plain
from tidegate.sources.values import unfilled

S = TypeVar("S", bound=Schema)
Path = tuple[str | int, ...]

_LATER: Final = "the standard has it, Tidegate not yet"

_EXPECTED: Final[AbstractMapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
}


def check(
    node: Node, schema: type[S], *, subject: str, found: Found, context: Context = None
) -> tuple[S | None, tuple[Path, ...]]:
    """The document in its schema's type, or None, and the paths at which it is wrong. `subject` names it."""
    walk = _Walk(subject, found, unread=schema.unread(node))
    plain = walk.value(node, _Shape(schema=schema), ())
    body: S | None = None
    try:
        body = schema.model_validate(plain, context=context)
    except ValidationError as problem:
        for details in problem.errors(include_url=False, include_context=True, include_input=False):
            walk.pydantic(node, details)
    if issubclass(schema, Resource):
        _remark(node, schema, subject=subject, found=found, well_formed=not walk.wrong)
    return (None if walk.wrong else body), tuple(walk.wrong)


def _remark(node: Node, schema: type[Resource], *, subject: str, found: Found, well_formed: bool) -> None:
    """What is to be said of documents that are well formed, and of kinds that are refused as a whole."""
    if schema.LOST:
        found.add(kind_codes.KIND_REFUSED, at=at(node, "kind"), subject=subject, lost=schema.LOST, help=schema.INSTEAD)
    for remark in schema.remarks(node) if well_formed else ():
        found.add(remark.code, at=at(node, *remark.path), subject=subject, field=show_path(remark.path))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What an annotation says of the nodes below it."""

    schema: type[Schema] | None = None
    """A mapping with these fields."""
    items: _Shape | None = None
    """A list of these."""
    values: _Shape | None = None
    """A mapping with keys of the author's and these values."""
    is_anything: bool = False
    literals: tuple[object, ...] = ()
    """The values that are allowed, where they are listed."""


_ANYTHING: Final = _Shape(is_anything=True)


@cache
def _fields(schema: type[Schema]) -> AbstractMapping[str, _Shape]:
    """The fields as the document spells them. Worked out once: thousands of documents have the same few schemas."""
    return {info.alias or name: _shape(info.annotation) for name, info in schema.model_fields.items()}


def _shape(annotation: Any) -> _Shape:
    annotation = _bare(annotation)
    if annotation is object:
        return _ANYTHING
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return _Shape(schema=annotation)
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple:
        return _Shape(items=_shape(arguments[0]))
    if get_origin(annotation) is dict:
        return _Shape(values=_shape(arguments[1]))
    return _Shape(literals=arguments)


class _Walk:
    def __init__(self, subject: str, found: Found, *, unread: frozenset[type[Schema]]) -> None:
        self.subject = subject
        self.unread = unread
        self.found = found
        self.wrong: list[Path] = []
        self.meant: set[Path] = set()
        """Fields that a misspelt name probably stands for: not reported as missing too."""
        self.secret: set[Path] = set()
        """Where values begin that may not be quoted."""

    def value(self, node: Node, shape: _Shape, path: Path, *, shell: bool = False) -> object:
        """The plain value of a node, without what must not reach pydantic; names are judged on the way."""
        if isinstance(node, Scalar):
            value = node.value
            if isinstance(value, str) and not shell and not shape.is_anything and "$" in value:
                self._unfilled(value, node.span, path)
            return value
        if isinstance(node, Mapping):
            if shape.schema is not None:
                return self._mapping(node, shape.schema, path)
            inner = shape.values or _ANYTHING
            return {k: self.value(e.node, inner, (*path, k), shell=shell) for k, e in node.entries.items()}
        if shape.items is None:
            return to_plain(node)  # pydantic says what is expected instead of a list
        items = shape.items
        return tuple([self.value(item, items, (*path, i), shell=shell) for i, item in enumerate(node.items)])

    def _mapping(self, node: Mapping, schema: type[Schema], path: Path) -> dict[str, object]:
        fields = _fields(schema)
        plain: dict[str, object] = {}
        for key, entry in node.entries.items():
            here = (*path, key)
            if key in schema.SECRET:
                self.secret.add(here)
            if key in schema.ELSEWHERE:
                continue
            if key in schema.NOT_YET:
                if schema not in self.unread:
                    self._report(codes.FIELD_UNSUPPORTED, entry.key_span, here, label=_LATER)
            elif key not in fields:
                self._unknown(key, entry, schema, fields, path)
            elif isinstance(entry.node, Scalar) and entry.node.value is None:
                continue  # Kubernetes reads null as "not set".
            elif _refused_value(schema, key, entry.node):
                text = str(to_plain(entry.node))
                self._report(
                    codes.VALUE_UNSUPPORTED,
                    entry.node.span,
                    here,
                    value=text,
                    label=_LATER,
                )
                plain[key] = next(iter(fields[key].literals), text)
            else:
                shell = key in schema.SHELL_TEXT
                plain[key] = self.value(entry.node, fields[key], here, shell=shell)
        return plain

    def _unknown(
        self, key: str, entry: Entry, schema: type[Schema], fields: AbstractMapping[str, _Shape], path: Path
    ) -> None:
        known = (*fields, *schema.NOT_YET, *schema.ELSEWHERE)
        if meant := nearest(key, known):
            self.meant.add((*path, meant))
        help_ = did_you_mean(key, known) or f"the fields here are {', '.join(f'`{name}`' for name in sorted(fields))}"
        self._report(codes.FIELD_UNKNOWN, entry.key_span, (*path, key), help=help_, label="no such field here")

    def _unfilled(self, text: str, span: Span, path: Path) -> None:
        for name in unfilled(text):
            self._report(
                codes.VALUE_UNFILLED,
                span,
                path,
                name=name,
                help=f"give it with `--set {name}=...`, or in a values.env beside the inputs",
            )

    def _report(  # one place for what every finding of the first pass says
        self, code: Code, span: Span, path: Path, *, label: str = "", help: str = "", name: str = "", value: str = ""
    ) -> None:
        self.wrong.append(path)
        field = show_path(path)
        self.found.add(code, at=span, label=label, help=help, subject=self.subject, field=field, name=name, value=value)

    def pydantic(self, node: Node, details: ErrorDetails) -> None:
        location = details["loc"]
        if details["type"] == AT:
            location += tuple(details["ctx"]["path"])
        path = _existing(node, location)
        kind, context = details["type"], details.get("ctx", {})
        if kind == AT and path != location:
            kind = "missing"
        if any(path[: len(w)] == w for w in self.wrong if w != path and w) or path in self.wrong:
            return  # one cause, one finding
        if kind in ("too_short", "value_error", AT) and any(w[: len(path)] == path for w in self.wrong):
            return  # what it misses is there, only wrong
        place = at(node, *path)
        if kind == "missing":
            missing = (*path, str(location[-1]))
            self.wrong.append(missing)
            if missing in self.meant:
                return
            self.found.add(
                codes.FIELD_MISSING,
                at=place.start,
                subject=self.subject,
                field=show_path(missing),
                label="belongs here",
            )
            return
        self.wrong.append(path)
        secret = any(path[: len(each)] == each for each in self.secret)
        got = "something else" if secret else _describe(node, path)
        if kind in _EXPECTED:
            self.found.add(
                codes.FIELD_TYPE,
                at=place,
                subject=self.subject,
                field=show_path(path),
                expected=_EXPECTED[kind],
                got=got,
                help="" if secret else _quote_hint(node, path, kind),
            )
            return
        is_text = isinstance(_value_at(node, path), Scalar)
        wanted, help_ = _expectation(kind, context, details["msg"], got, is_text=is_text)
        self.found.add(
            codes.FIELD_VALUE,
            at=place,
            subject=self.subject,
            field=show_path(path),
            expected=wanted,
            got=got,
            help=help_,
        )


def show_path(path: Path) -> str:
    """`spec.rules[0].filters`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text or "the document"


def _bare(annotation: Any) -> Any:
    """Without Annotated and Optional."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [arg for arg in get_args(annotation) if arg is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else str
    return annotation


def _refused_value(schema: type[Schema], key: str, node: Node) -> bool:
    return isinstance(node, Scalar) and node.value in schema.NOT_YET_VALUES.get(key, frozenset())


def _existing(node: Node, location: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that the document has (unions add steps of their own)."""
    path: list[str | int] = []
    for step in location:
        match node:
            case Mapping(entries=entries) if isinstance(step, str) and step in entries:
                node = entries[step].node
            case Sequence(items=items) if isinstance(step, int) and step < len(items):
                node = items[step]
            case _:
                break
        path.append(step)
    return tuple(path)


def _value_at(node: Node, path: Path) -> Node:
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            node = node.entries[step].node
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
    return node


def _describe(node: Node, path: Path) -> str:
    match _value_at(node, path):
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool(), text=text):
            return f"`{text}`"
        case Scalar(value=str(value)):
            return f"the text `{value if len(value) <= 60 else value[:57] + '...'}`"
        case Scalar(text=text):
            return f"the number {text}"


def _quote_hint(node: Node, path: Path, kind: str) -> str:
    value = _value_at(node, path)
    if kind == "string_type" and isinstance(value, Scalar) and value.value is not None:
        return f'write it in quotes: "{value.text}"'
    if kind == "int_type" and isinstance(value, Scalar) and isinstance(value.value, str) and value.value.isdigit():
        return "write it without quotes"
    return ""


def _expectation(
    kind: str, context: AbstractMapping[str, Any], message: str, got: str, *, is_text: bool
) -> tuple[str, str]:
    """What was expected, and a suggestion where one is near."""
    match kind:
        case "literal_error":
            expected = str(context["expected"])
            choices = re.findall(r"'([^']*)'", expected) or re.split(r", | or ", expected)
            return " or ".join(f"`{choice}`" for choice in choices), did_you_mean(got[10:-1], choices)
        case "greater_than_equal":
            return f"at least {context['ge']}", ""
        case "less_than_equal":
            return f"at most {context['le']}", ""
        case "string_too_long" | "too_long":
            if kind == "string_too_long" or is_text:
                return f"at most {context['max_length']} characters", ""
            return f"at most {context['max_length']} entries" if context["max_length"] else "no entries yet", ""
        case "string_too_short" | "too_short":
            if kind == "string_too_short" or is_text:
                return "text that is not empty", ""
            return "at least one entry", ""
        case "string_pattern_mismatch":
            return f"text of the form `{context['pattern']}`", ""
        case _:
            return message.removeprefix("Value error, "), ""
