"""Which hosts a hostname stands for (Gateway API, Hostname): itself, or by `*.` every host below it, not itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

EVERY_HOST: Final = "*"


def covers(general: str, specific: str) -> bool:
    """Whether every host that `specific` matches is matched by `general` too."""
    if general in (EVERY_HOST, specific):
        return True
    return general.startswith("*.") and specific.removeprefix("*").endswith(general[1:])


def covering(hostname: str) -> Iterator[str]:
    """Every name that covers this one, the most specific first: itself, then the wildcards around it."""
    yield hostname
    if hostname == EVERY_HOST:
        return
    rest = hostname.removeprefix("*.")
    while "." in rest:
        rest = rest.partition(".")[2]
        yield f"*.{rest}"
    yield EVERY_HOST
