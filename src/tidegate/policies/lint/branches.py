"""Conditions that decide nothing."""

from __future__ import annotations

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import policy_lint as codes
from tidegate.policies.catalogue.choose import Choose
from tidegate.policies.document import Statement, walk
from tidegate.policies.expressions import typed
from tidegate.policies.settings import Setting


def lint_branches(statements: tuple[Statement, ...], found: Found) -> None:
    """A `when` that can never run: its condition is false, or one before it is true or the same."""
    for statement in walk(statements):
        if isinstance(statement, Choose):
            _lint(statement, found)


def _lint(choose: Choose, found: Found) -> None:
    seen: dict[str, Setting] = {}
    for condition in choose.conditions:
        value, text = _constant(condition), _text(condition)
        certain = next((c for c in seen.values() if _constant(c) is True), None)
        same = seen.get(text)
        if value is False:
            found.add(codes.WHEN_UNREACHABLE, at=condition.span, reason="its condition is always false")
        elif certain is not None:
            related = (Related(certain.span, "this is always true"),)
            found.add(codes.WHEN_UNREACHABLE, at=condition.span, reason="one before it always runs", related=related)
        elif same is not None and _is_stable(condition):
            related = (Related(same.span, "the same condition"),)
            found.add(codes.WHEN_UNREACHABLE, at=condition.span, reason="one before it asks the same", related=related)
        seen.setdefault(text, condition)


def _constant(condition: Setting) -> object:
    if condition.expression is None:
        return condition.literal
    tree = condition.expression.tree
    return tree.value if isinstance(tree, typed.Constant) else None


def _text(condition: Setting) -> str:
    return condition.expression.source if condition.expression is not None else str(condition.literal)


def _is_stable(condition: Setting) -> bool:
    """Whether asking twice gives one answer: draws and clocks do not."""
    text = _text(condition)
    return not any(word in text for word in ("Random", "NewGuid", "Now", "Elapsed"))
