"""The parts of docs/supported.md on the Gateway API's features and on Application Gateway for Containers' fields."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tidegate.manifests.schema.alb_fields import ALB_FIELDS
from tidegate.manifests.schema.gateway_api.features import BESIDE, FEATURES
from tidegate.manifests.schema.support import Support
from tidegate.manifests.schema.tidegate import RateLimitPolicy

DOCS: Final = Path(__file__).resolve().parent.parent.parent / "docs"

_LIMITS: Final = """\
A `RateLimitPolicy` limits routes without any policy document, as `rate-limit-by-key` does with one.
It targets a Gateway or one of its listeners, an HTTPRoute or GRPCRoute or one of its named rules, in its own namespace.
All its limits hold, and so do those of several policies; the first that is used up answers 429 with `Retry-After`.
Counters are exact over all workers, and stay over reloads and restarts of Envoy, not of the machine.
A policy that cannot be read closes what it was to limit ([decision 0009](decisions/0009-rate-limit-policies.md)).

{example}
| `key.type` | `key.name` | whose calls are counted together |
| --- | --- | --- |
| `Everyone` (also without `key`) | | all |
| `ClientAddress` | | those of one address, as it connects; of IPv6 the first 64 bits |
| `Header` | a header | those with one value; all without the header |
| `Claim` | a claim of the token that a `validate-jwt` has verified | those with one value; all without the claim |

`calls` is 1 to 1,000,000,000 and `period` a duration from `1s` to `24h`.
"""


def rate_limits() -> str:
    """What a RateLimitPolicy does, with the example of its schema."""
    documented = inspect.cleandoc(RateLimitPolicy.__doc__ or "")
    return _LIMITS.format(example=documented[documented.index("```") :] + "\n")


def features() -> str:
    """One table: every feature name, by kind."""
    rows = "".join(
        f"| {kind if index == 0 else ''} | `{each.name}` | {each.honoured} | {linked(each.note)} |\n"
        for kind, features_ in FEATURES.items()
        for index, each in enumerate(features_)
    )
    head = "| kind | feature | | how it differs, or why not |\n| --- | --- | --- | --- |\n"
    beside = "".join(f"| {each.name} | {each.honoured} | {linked(each.note)} |\n" for each in BESIDE)
    return (
        f"{counted(FEATURES)}\n\n{head}{rows}\n"
        f"What no feature name speaks of:\n\n| | | |\n| --- | --- | --- |\n{beside}"
    )


def fields() -> str:
    """A table for each kind: every field."""
    return "\n".join(f"### {kind} (fields)\n\n{table(rows)}" for kind, rows in ALB_FIELDS.items())


def table(rows: Iterable[Support]) -> str:
    """One row a field."""
    lines = "".join(f"| `{each.name}` | {each.honoured} | {linked(each.note)} |\n" for each in rows)
    return f"| field | | how it differs, or why not |\n| --- | --- | --- |\n{lines}"


def linked(note: str) -> str:
    """A note whose `(decisions/NNNN)` leads to that page; FileNotFoundError where there is none."""

    def link(found: re.Match[str]) -> str:
        pages = sorted((DOCS / "decisions").glob(f"{found[1]}-*.md"))
        if not pages:
            raise FileNotFoundError(f"no decision {found[1]} for: {note}")
        return f"([decision {found[1]}](decisions/{pages[0].name}))"

    return re.sub(r"\(decisions/([0-9]{4})\)", link, note)


def counted(groups: Mapping[str, Iterable[Support]]) -> str:
    """How many rows of each verdict there are, in words."""
    verdicts = [each.honoured for rows in groups.values() for each in rows]
    return ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts), reverse=True)) + "."
