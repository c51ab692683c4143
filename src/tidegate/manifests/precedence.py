"""Which of two routes wins a request that both match (Gateway API, HTTPRouteRule.matches)."""

from __future__ import annotations

from tidegate.manifests.plan import Precedence
from tidegate.model import PathMatchKind, RouteMatch

_KIND = {PathMatchKind.EXACT: 0, PathMatchKind.REGEX: 1, PathMatchKind.PREFIX: 2}
"""Where a regular expression stands is up to the implementation: it is narrower than a prefix, wider than one path."""


def precedence(match: RouteMatch, *, age: tuple[bool, str, str], rule: int, position: int) -> Precedence:
    """The sort key: exact path, longer prefix, a method, more headers, the older route, its name, rule order."""
    return (
        _KIND[match.path.kind],
        -len(match.path.value),
        match.method is None,
        -len(match.headers),
        *age,
        rule,
        position,
    )
