"""`${NAME}`: values filled in from outside, and positions of those that were not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

NO_VALUES: Final[Mapping[str, str]] = MappingProxyType({})
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace `${NAME}` for the names in `values`, once: a value's own `${...}` stays. Any other `${...}` stays too,
    since shell text in a ConfigMap is the author's."""
    if not values or "${" not in text:
        return text
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), text)


def unfilled(text: str) -> Iterator[str]:
    """The names of `${NAME}` in a text that Tidegate must interpret; each is an error there."""
    for match in _PLACE.finditer(text):
        yield match[1]
