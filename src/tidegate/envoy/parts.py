"""Pieces of resources that are never changed once made, so that what is worked out of them is kept with them.

All routes of a port are one resource, and a change touches few of them. So a route table is made of parts: virtual
hosts, and routes inside them. Whoever builds a table anew uses the parts that have not changed again, *the very
objects*; their digest, their protobuf and what they refer to are known then, and the whole is put together from these.
Protobuf allows that: the bytes of a message are the bytes of its fields one after the other.

`digest_of`, `needs_of` and `encoded` take any JSON object; only parts remember.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NoReturn

from tidegate.envoy.references import references
from tidegate.envoy.resources import CLUSTER, ENDPOINT, EXTENSION, LISTENER, ROUTE, SECRET, JsonObject, ResourceName


class Part(dict[str, Any]):
    """A JSON object that is never changed."""

    __slots__ = ("digest", "encoded", "needs")

    digest: bytes | None
    encoded: bytes | None
    """Of a part inside another: its protobuf with its tag and length, as a field of the whole."""
    needs: frozenset[ResourceName] | None

    def __init__(self, value: JsonObject) -> None:
        super().__init__(value)
        self.digest = None
        self.encoded = None
        self.needs = None

    def _refuse(self, *_arguments: object, **_more: object) -> NoReturn:
        raise TypeError("a part of a resource is never changed; make another one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce_ex__(self, _protocol: object) -> tuple[object, ...]:
        """Copies are plain objects, free to be changed."""
        return dict, (dict(self),)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a message is put together."""

    message: str
    """Its full name."""
    children: str | None = None
    """The repeated field that holds its parts."""
    child: Shape | None = None


_HOST: Final = Shape("envoy.config.route.v3.VirtualHost", "routes", Shape("envoy.config.route.v3.Route"))

SHAPES: Final = MappingProxyType(
    {
        **{url: Shape(url.rpartition("/")[2]) for url in (SECRET, CLUSTER, ENDPOINT, EXTENSION)},
        LISTENER: Shape(LISTENER.rpartition("/")[2], "filter_chains", Shape("envoy.config.listener.v3.FilterChain")),
        ROUTE: Shape(ROUTE.rpartition("/")[2], "virtual_hosts", _HOST),
    }
)
"""By type URL."""


def canonical(resource: object) -> bytes:
    """Equal content, equal bytes."""
    return json.dumps(resource, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: JsonObject, shape: Shape) -> bytes:
    """Equal content, equal digest; different content, another one."""
    if isinstance(value, Part) and value.digest is not None:
        return value.digest
    result = hashlib.sha256()
    if shape.children is None or shape.child is None or shape.children not in value:
        result.update(canonical(value))
    else:
        child = shape.child
        head = {**value, shape.children: len(value[shape.children])}
        # A part in another field stands for its content by its digest.
        known_parts = {k: each.digest.hex() for k, each in head.items() if type(each) is Part and each.digest}
        result.update(canonical({**head, **known_parts}))
        known = [each.digest for each in value[shape.children] if type(each) is Part and each.digest is not None]
        if len(known) != len(value[shape.children]):
            known = [digest_of(each, child) for each in value[shape.children]]
        result.update(b"".join(known))
    digest = result.digest()
    if isinstance(value, Part):
        value.digest = digest
    return digest


def needs_of(value: JsonObject, type_url: str) -> frozenset[ResourceName]:
    """Every other resource that a resource of this type refers to."""
    return _needs(value, SHAPES[type_url], lambda resource: references(type_url, resource))


def _needs(
    value: JsonObject, shape: Shape, refer: Callable[[JsonObject], frozenset[ResourceName]]
) -> frozenset[ResourceName]:
    """`refer` wraps a part into as much of a resource as `references` wants to see."""
    if isinstance(value, Part) and value.needs is not None:
        return value.needs
    if shape.children is None or shape.child is None or shape.children not in value:
        result = refer(value)
    else:
        field, child = shape.children, shape.child
        inner = {each.needs for each in value[field] if type(each) is Part and each.needs is not None}
        inner |= {
            _needs(each, child, lambda part: refer({field: [part]}))
            for each in value[field]
            if type(each) is not Part or each.needs is None
        }
        result = refer({**value, field: []}).union(*inner)
    if isinstance(value, Part):
        value.needs = result
    return result


def encoded(value: JsonObject, type_url: str, encode: Callable[[str, JsonObject], bytes]) -> bytes:
    """The protobuf of a resource. `encode` makes that of a message without parts, by the message's name."""
    return _message(value, SHAPES[type_url], encode)


def _message(value: JsonObject, shape: Shape, encode: Callable[[str, JsonObject], bytes]) -> bytes:
    if shape.children is None or shape.child is None or shape.children not in value:
        return encode(shape.message, value)
    head = encode(shape.message, {key: each for key, each in value.items() if key != shape.children})
    fields = [each.encoded for each in value[shape.children] if type(each) is Part and each.encoded is not None]
    if len(fields) != len(value[shape.children]):
        number, child = _FIELDS[shape.message, shape.children], shape.child
        fields = [_field(each, number, child, encode) for each in value[shape.children]]
    return b"".join((head, *fields))


def _field(value: JsonObject, number: int, shape: Shape, encode: Callable[[str, JsonObject], bytes]) -> bytes:
    """A part with the tag and the length that stand before it in the whole."""
    if isinstance(value, Part) and value.encoded is not None:
        return value.encoded
    message = _message(value, shape, encode)
    result = b"".join((_varint(number << 3 | _LENGTH_DELIMITED), _varint(len(message)), message))
    if isinstance(value, Part):
        value.encoded = result
    return result


_FIELDS: Final = MappingProxyType(
    {
        ("envoy.config.listener.v3.Listener", "filter_chains"): 3,
        ("envoy.config.route.v3.RouteConfiguration", "virtual_hosts"): 2,
        ("envoy.config.route.v3.VirtualHost", "routes"): 3,
    }
)
"""The numbers of the fields that hold parts; a test compares them with the messages' own descriptions."""

_LENGTH_DELIMITED: Final = 2


def _varint(value: int) -> bytes:
    """Protobuf's base-128 numbers."""
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)
