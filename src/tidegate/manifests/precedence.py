"""Which of two routes wins a request that both match (Gateway API, HTTPRouteRule.matches and GRPCRouteRule.matches)."""

from __future__ import annotations

from typing import Final, TypeAlias

from tidegate.manifests.plan import Precedence
from tidegate.model import PathMatchKind, RouteMatch

Rank: TypeAlias = tuple[int, int, int, int, int]
"""How narrow a match is; the smaller wins. A GRPCRoute comes before every HTTPRoute (`routing`), so theirs need not be
comparable in meaning, only in form."""

_PATHS: Final = {PathMatchKind.EXACT: 0, PathMatchKind.REGEX: 1, PathMatchKind.PREFIX: 2}
"""Where a regular expression stands is up to the implementation: it is narrower than a prefix, wider than one path."""


def http_rank(match: RouteMatch) -> Rank:
    """Exact path, regular expression, longer prefix; a method; more headers; more query parameters.

    Of regular expressions the longer one first: it is likely the narrower.
    """
    return (
        _PATHS[match.path.kind],
        -len(match.path.value),
        int(match.method is None),
        -len(match.headers),
        -len(match.query),
    )


def grpc_rank(*, service: str, method: str, regex: bool, headers: int) -> Rank:
    """More characters of the service, then of the method, then more headers; "" matches all and comes last.

    How many characters a regular expression will match is not known: it comes behind what is exact.
    """
    return (_named(service, regex=regex), -len(service), _named(method, regex=regex), -len(method), -headers)


def _named(name: str, *, regex: bool) -> int:
    return (1 if regex else 0) if name else 2


def precedence(
    match: RouteMatch, *, age: tuple[bool, str, str], rule: int, position: int, rank: Rank | None = None
) -> Precedence:
    """The sort key: how narrow the match is, the older route, its name, rule order."""
    return (*(http_rank(match) if rank is None else rank), *age, rule, position)
