"""Did you mean: the nearest of the names that are right at a place."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, within: int = 2) -> str | None:
    """The known name at the smallest edit distance, at most `within`; the first in order wins a tie."""
    best: tuple[int, str] | None = None
    for candidate in sorted(known):
        if abs(len(candidate) - len(name)) > within:
            continue
        distance = 0 if candidate.lower() == name.lower() else _distance(name, candidate)
        # Two edits of a three-letter word is a different word.
        if distance <= min(within, len(candidate) // 2) and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The sentence for a diagnostic's help, empty when nothing is near."""
    candidate = nearest(name, known)
    return f"did you mean `{candidate}`?" if candidate else ""


def _distance(one: str, other: str) -> int:
    """Optimal string alignment: insert, delete, replace, swap neighbours."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
