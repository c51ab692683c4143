"""OpenAPI 3 and Swagger 2: the operations of an API. What they say of messages is read where a policy asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Code, Found, Span
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.apiops.templates import template_match
from tidegate.manifests.objects import text_of
from tidegate.sources import Mapping, Node, Scalar

_METHODS: Final = ("get", "head", "post", "put", "delete", "options", "trace", "patch")
_PARAMETER: Final = re.compile(r"\{[^{}/]+\}")


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    template: str
    span: Span
    name: str = ""
    """The summary."""
    item: Mapping | None = field(default=None, repr=False, compare=False)
    """The path's entry, which holds what all its operations share."""


@dataclass(frozen=True, eq=False)
class Specification:
    """One document. Equal only to itself."""

    root: Mapping = field(repr=False)
    operations: tuple[Operation, ...]
    """In the file's order."""


def read_specification(root: Node, api: str, found: Found) -> Specification | None:
    """The operations; None (with findings) when the document is not understood."""
    operations = read_operations(root, api, found)
    return Specification(root, operations) if operations is not None and isinstance(root, Mapping) else None


def read_operations(root: Node, api: str, found: Found) -> tuple[Operation, ...] | None:
    """The operations, in the file's order; None (with findings) when the document is not understood."""

    def refuse(reason: str, place: Span, code: Code = codes.APIM_SPECIFICATION) -> None:
        found.add(code, at=place, api=f"`{api}`", reason=reason)

    if not isinstance(root, Mapping):
        refuse("is no OpenAPI document", root.span)
        return None
    if not _version_known(root):
        refuse("is neither OpenAPI 3 nor Swagger 2", root.span.start)
        return None
    paths = root.get("paths")
    if not isinstance(paths, Mapping):
        refuse("has no `paths`", root.span.start)
        return None
    operations: list[Operation] = []
    good = True
    for template, entry in paths.entries.items():
        if template.startswith("x-"):
            continue
        item = entry.node
        if not template.startswith("/") or not isinstance(item, Mapping):
            refuse(f"has a path `{template}` that is no mapping or does not begin with `/`", entry.key_span)
            good = False
            continue
        if "$ref" in item.entries:
            refuse("has a path in another document, which is not supported yet", item.entries["$ref"].key_span)
            good = False
            continue
        operations += [_operation(item, method, template) for method in _METHODS if method in item.entries]
    named: dict[str, Operation] = {}
    for operation in operations:
        # OpenAPI, Operation Object: an operationId is unique. A folder operations/<id>/ would be of both.
        if _is_named(operation) and named.setdefault(operation.id, operation) is not operation:
            refuse(f"gives two operations the operationId `{operation.id}`", operation.span)
            good = False
    return _distinct(operations, api, found) if good else None


def _version_known(root: Mapping) -> bool:
    openapi, swagger = root.get("openapi"), root.get("swagger")
    version = text_of(openapi)
    return (version is not None and version.startswith("3.")) or (
        isinstance(swagger, Scalar) and str(swagger.value) == "2.0"
    )


def _operation(item: Mapping, method: str, template: str) -> Operation:
    entry = item.entries[method]
    id_ = _operation_id(item, method, template)
    summary = text_of(entry.node.get("summary")) if isinstance(entry.node, Mapping) else None
    return Operation(id_, method.upper(), template, entry.key_span, summary or id_, item)


def _is_named(operation: Operation) -> bool:
    """Whether the document names it; otherwise its name is of its path."""
    node = operation.item.entries[operation.method.lower()].node if operation.item is not None else None
    return isinstance(node, Mapping) and text_of(node.get("operationId")) is not None


def _operation_id(item: Mapping, method: str, template: str) -> str:
    operation = item.entries[method].node
    given = text_of(operation.get("operationId")) if isinstance(operation, Mapping) else None
    # What API Management's import names an operation without an id.
    return given or "-".join([method, *(part for part in re.split(r"[^A-Za-z0-9]+", template) if part)])


def _distinct(operations: list[Operation], api: str, found: Found) -> tuple[Operation, ...]:
    """Two operations with one method and one path (parameters aside): the first counts."""
    first: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        key = (operation.method, template_match("", _PARAMETER.sub("{p}", operation.template)).value.lower())
        other = first.setdefault(key, operation)
        if other is not operation:
            found.add(
                codes.APIM_OPERATION_TAKEN,
                at=operation.span,
                first=f"`{other.id}`",
                second=f"`{operation.id}`",
                api=f"`{api}`",
            )
    return tuple(first.values())
