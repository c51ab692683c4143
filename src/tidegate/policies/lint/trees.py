"""Looking through checked expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final

from tidegate.policies.expressions import typed, typed_statements
from tidegate.policies.settings import Setting

_TREES: Final = frozenset({typed.__name__, typed_statements.__name__})


def members(setting: Setting) -> Iterator[str]:
    """The names of all members that an expression uses."""
    if setting.expression is not None:
        for node in _nodes(setting.expression.tree):
            if isinstance(node, typed.Use):
                yield node.row.name


def _nodes(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for each in node:
            yield from _nodes(each)
    elif is_dataclass(node) and not isinstance(node, type) and type(node).__module__ in _TREES:
        yield node
        for each in fields(node):
            yield from _nodes(getattr(node, each.name))
