"""The part of docs/supported.md on manifests: every kind's fields, from the schemas that judge them."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from tidegate.manifests.schema import KINDS, KNOWN_KINDS, Kind, Schema


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one kind, each as the path of the mapping it stands in (`spec.rules[]`) and its name."""

    honoured: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    """Fields and values that the standard has and that are an error here."""
    unread: tuple[tuple[str, str], ...]
    """Accepted, and without effect."""


def render() -> str:
    """All kinds in the order of the table, then those that are refused as a whole."""
    parts = [section(kind, fields_of(kind.schema)) for kind in KINDS.values()]
    return "\n".join(parts) + "\n" + refused_kinds(KNOWN_KINDS)


def section(kind: Kind, fields: Fields) -> str:
    """One kind: up to three lists, fields grouped by the mapping that they stand in."""
    place = f"`{kind.group or 'core'}`, version {' and '.join(kind.versions)}."
    if kind.schema.LOST:
        return f"### {kind.name}\n\n{place}\n\nRead, and refused as a whole: lost are {kind.schema.LOST}.\n"
    return f"### {kind.name}\n\n{place}\n\n{listed(fields)}"


def listed(fields: Fields) -> str:
    """The lists of a kind; those without content are left out."""
    lines: list[str] = []
    for label, paths in (
        ("Honoured", fields.honoured),
        ("Refused with an error", fields.refused),
        ("Accepted, and without effect here", fields.unread),
    ):
        if paths:
            lines += [f"- {label}:", *(f"  - {line}" for line in _grouped(paths))]
    return "\n".join([*lines, ""])


def _grouped(fields: tuple[tuple[str, str], ...]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for parent, name in fields:
        groups.setdefault(parent, []).append(f"`{name}`")
    for parent, names in groups.items():
        yield (f"`{parent}`: " if parent else "") + ", ".join(names)


def refused_kinds(known: Mapping[str, frozenset[str]]) -> str:
    """The kinds of known groups that are an error as a whole."""
    rows = "".join(f"| `{group}` | {', '.join(sorted(kinds))} |\n" for group, kinds in known.items() if kinds)
    return (
        "### Refused as a whole\n\n"
        "These would change what a request meets, and are not honoured yet: an error each.\n\n"
        f"| group | kinds |\n| --- | --- |\n{rows}"
    )


def fields_of(schema: type[Schema]) -> Fields:
    """The fields of a kind. Those that all kinds share (metadata) stand at the top of the page, once."""
    found: dict[str, list[tuple[str, str]]] = {"honoured": [], "refused": [], "unread": []}
    for parent, name, verdict in _walk(schema, "", ()):
        top = parent or name
        if not top.startswith("metadata") and (parent or name not in {"apiVersion", "kind", "status"}):
            found[verdict].append((parent, name))
    return Fields(tuple(found["honoured"]), tuple(found["refused"]), tuple(found["unread"]))


def _walk(schema: type[Schema], parent: str, above: tuple[type[Schema], ...]) -> Iterator[tuple[str, str, str]]:
    for python_name, field in schema.model_fields.items():
        name = field.alias or python_name
        inner, suffix = _nested(field.annotation)
        if name in schema.NO_EFFECT:
            yield parent, f"{name}{suffix}", "unread"
        elif inner is None or inner in above:
            yield parent, f"{name}{suffix}", "honoured"
        else:
            yield from _walk(inner, f"{parent}.{name}{suffix}".lstrip("."), (*above, schema))
        for value in sorted(schema.NOT_YET_VALUES.get(name, ())):
            yield parent, f"{name}: {value}", "refused"
    yield from ((parent, name, "refused") for name in sorted(schema.NOT_YET))
    yield from ((parent, name, "unread") for name in sorted(schema.ELSEWHERE))


def _nested(annotation: Any) -> tuple[type[Schema] | None, str]:
    """The schema inside an annotation and how a path writes the way to it: `[]` for lists, `{}` for maps."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _nested(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        found = [_nested(part) for part in get_args(annotation) if part is not type(None)]
        return next((each for each in found if each[0] is not None), found[0])
    if origin in {tuple, list}:
        inner, suffix = _nested(get_args(annotation)[0])
        return inner, f"[]{suffix}"
    if origin is dict:
        inner, suffix = _nested(get_args(annotation)[1])
        return inner, f"{{}}{suffix}"
    if isinstance(annotation, type) and issubclass(annotation, Schema):
        return annotation, ""
    return None, ""
