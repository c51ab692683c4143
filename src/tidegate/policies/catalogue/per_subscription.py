"""What `rate-limit` and `quota` have in common: limits of a subscription, with own ones for APIs and operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.lua_text import LuaValue

Limits: TypeAlias = dict[str, LuaValue]
"""What the runtime takes: calls, period and their like."""


def read_limits(reader: ElementReader, own: Callable[[ElementReader], Limits]) -> Limits:
    """The limits of the policy itself, of its `<api>` children and of their `<operation>` children.

    An API or operation is named by its id, else by its name; each limit counts by itself.
    """
    apis: list[Limits] = []
    for api in reader.children("api"):
        operations = [_named(operation, own) for operation in api.children("operation")]
        limits = _named(api, own)
        apis.append({**limits, "operations": operations} if operations else limits)
    limits = own(reader)
    return {**limits, "apis": apis} if apis else limits


def _named(reader: ElementReader, own: Callable[[ElementReader], Limits]) -> Limits:
    id_, name = reader.literal("id"), reader.literal("name")
    if id_ is None and name is None:
        reader.error(codes.ATTRIBUTE_MISSING, at=reader.span, element=reader.name, name="id")
    limits: Limits = {"id": id_, **own(reader)} if id_ is not None else {"name": name, **own(reader)}
    reader.finish()
    return limits
