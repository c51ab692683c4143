"""Header changes: what several in a row come to, and what Envoy is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, product
from typing import Final

from tidegate.envoy import routes as envoy
from tidegate.envoy.resources import JsonObject
from tidegate.model import HeaderChange, HeaderChanges

HOST: Final = "host"

_SPELLED: Final = "-_."
_SEPARATORS: Final = re.compile(r"[-_.]")

# 81 spellings; each is one look into the request's headers.
_MOST_PARTS: Final = 5


def composed(first: HeaderChanges, then: HeaderChanges) -> HeaderChanges:
    """One set of changes that does what `first` and `then` do one after the other.

    Envoy removes, then sets, then adds; within one set a name may stand in several of these, and in `add` twice.
    """
    if then == HeaderChanges():
        return first
    set_ = {change.name.lower(): change for change in first.set}
    add = list(first.add)
    remove = {name.lower(): name for name in first.remove}
    for name in then.remove:
        set_.pop(name.lower(), None)
        add = _without(add, name)
        remove[name.lower()] = name
    for change in then.set:
        set_[change.name.lower()] = change
        add = _without(add, change.name)
    add += then.add
    return HeaderChanges(tuple(set_.values()), tuple(add), tuple(remove.values()))


def without_host(changes: HeaderChanges) -> HeaderChanges:
    """The changes, but for another Host."""
    return replace(changes, set=tuple(change for change in changes.set if change.name.lower() != HOST))


def new_host(changes: HeaderChanges) -> str | None:
    """The value of Host, where requests get another: Envoy keeps it out of header changes."""
    return {change.name.lower(): change.value for change in changes.set}.get(HOST)


def envoy_changes(direction: str, changes: HeaderChanges) -> JsonObject:
    """Without those of Host: `new_host` is for the action, any other change of it is a finding of `check_route`.

    Backends may read `x_user` and `x.user` as if they were `x-user`: of a request's header that is set or removed, no
    other spelling passes either.
    """
    remove = [name for name in changes.remove if name.lower() != HOST]
    if direction == "request":
        own = {change.name.lower() for change in changes.set} | {name.lower() for name in changes.remove}
        remove += sorted({spelling for name in own for spelling in _spellings(name)} - own)
    return envoy.header_changes(
        direction,
        overwrite=[(change.name, change.value) for change in changes.set if change.name.lower() != HOST],
        append=[(change.name, change.value) for change in changes.add if change.name.lower() != HOST],
        remove=remove,
    )


def touches(changes: HeaderChanges, name: str) -> bool:
    """Whether the header may be another afterwards. `name` is in lower case."""
    return name in {n.lower() for n in (*(c.name for c in (*changes.set, *changes.add)), *changes.remove)}


def with_changes(route: JsonObject, changes: JsonObject) -> JsonObject:
    """A route, or a weighted cluster, with more changes; those it has come first."""
    return {**route, **{key: [*route.get(key, ()), *value] for key, value in changes.items()}}


def _spellings(name: str) -> Iterator[str]:
    """Every way to write a name with `-`, `_` and `.`; with very many of them, only those that use one throughout."""
    parts = _SEPARATORS.split(name)
    if len(parts) > _MOST_PARTS:
        yield from (separator.join(parts) for separator in _SPELLED)
        return
    for separators in product(_SPELLED, repeat=len(parts) - 1):
        yield "".join(chain(*zip(parts, (*separators, ""), strict=True)))


def _without(changes: list[HeaderChange], name: str) -> list[HeaderChange]:
    return [change for change in changes if change.name.lower() != name.lower()]
