"""The table of all codes. One module per range, so that each area owns its rows; order here is the documentation's."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tidegate.diagnostics.codes import (
    alb,
    apim,
    certificates,
    config,
    destinations,
    envoy,
    expressions,
    identity,
    kinds,
    liquid,
    listeners,
    manifests,
    policies,
    policy_lint,
    reading,
    references,
    routes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.diagnostics.code import Code

_MODULES: Final = (
    reading,
    manifests,
    apim,
    kinds,
    policies,
    policy_lint,
    destinations,
    certificates,
    liquid,
    expressions,
    references,
    listeners,
    routes,
    alb,
    envoy,
    identity,
    config,
)


def _all() -> Mapping[str, Code]:
    table: dict[str, Code] = {}
    slugs: set[str] = set()
    for module in _MODULES:
        for row in module.CODES:
            if row.code in table or row.slug in slugs:
                raise ValueError(f"{row.code} {row.slug} is declared twice")
            table[row.code] = row
            slugs.add(row.slug)
    return MappingProxyType(dict(sorted(table.items())))


CODES: Final = _all()
"""Every code by its number."""
