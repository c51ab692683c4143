"""Names that the author may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MAX_DISTANCE: Final = 2
_MANY: Final = 200


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The nearest candidate within two edits (one for names of up to three letters); the first by name of equals.

    Give only names that are valid at that place. The same name in another case is nearest of all.
    """
    limit = min(_MAX_DISTANCE, max(1, len(name) // 2)) if len(name) > 3 else 1
    best: tuple[int, str] | None = None
    for candidate in _likely(name, sorted(candidates)):
        distance = 0 if candidate.lower() == name.lower() else _distance(name.lower(), candidate.lower(), limit)
        # Two edits of a three-letter word make a different word.
        if distance <= min(limit, len(candidate) // 2) and (best is None or distance < best[0]):
            best = (distance, candidate)
    return best[1] if best else None


def _likely(name: str, candidates: list[str]) -> list[str]:
    """All of a few. Of many, those that have one half of the name: comparing thousands letter by letter takes long, and
    whoever made one mistake has the other half right."""
    if len(candidates) <= _MANY:
        return candidates
    head, tail = name[: len(name) // 2].lower(), name[len(name) // 2 :].lower()
    likely = [each for each in candidates if each.lower().startswith(head) or each.lower().endswith(tail)]
    return [each for each in likely if abs(len(each) - len(name)) <= _MAX_DISTANCE][:_MANY]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The help of a diagnostic; empty when nothing is near."""
    candidate = nearest(name, candidates)
    return f"did you mean `{candidate}`?" if candidate else ""


def did_you_mean_or_known(name: str, candidates: Iterable[str]) -> str:
    """The help of a diagnostic; all that is valid when nothing is near."""
    known = sorted(candidates)
    return did_you_mean(name, known) or (f"known here: {', '.join(known)}" if known else "")


def _distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours; anything above `limit` once it must exceed it."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    older: list[int] = []
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for column, b in enumerate(right, 1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and left[row - 2] == b:
                cost = min(cost, older[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        older, previous = previous, current
    return previous[-1]
