""" "Did you mean": the valid name that a wrong one is probably a slip of."""

from __future__ import annotations

from collections.abc import Iterable


def closest(wrong: str, names: Iterable[str]) -> str | None:
    """The name within edit distance 2 of `wrong` (and less than half its length), nearest and then first of all."""
    limit = min(2, (len(wrong) - 1) // 2)
    best = min(((_distance(wrong.lower(), name.lower()), name) for name in names), default=None)
    return best[1] if best and best[0] <= limit else None


def hint(wrong: str, names: Iterable[str]) -> str:
    """A help line: the suggestion where there is one, else all that is valid."""
    known = sorted(names)
    near = closest(wrong, known)
    if near:
        return f"did you mean `{near}`?"
    return f"known here: {', '.join(known)}" if known else ""


def _distance(left: str, right: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
