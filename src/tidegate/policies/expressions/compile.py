"""Text to checked expression in one step, worked out once for each text.

Documents of many APIs hold the same expressions over and over. So a text is read with places relative to itself, and
what was found is moved to where the text stands; the trees keep their relative places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from tidegate.diagnostics import Diagnostic, Found, Located, Related, Span
from tidegate.policies.expressions.check import Checked, check_block, check_expression
from tidegate.policies.expressions.parse import Code, parse_block, parse_expression
from tidegate.policies.expressions.types import Type

_KEPT: Final = 8192


@dataclass(frozen=True, slots=True)
class _Relative:
    """A text that stands nowhere: the columns of its one line are its own indices."""

    text: str

    def span(self, start: int, end: int) -> Span:
        return Span("", 1, start + 1, 1, end + 1)


def compile_expression(code: Code, *, is_block: bool, wanted: Type, section: str, found: Found) -> Checked | None:
    """Read and check what stands in `@(...)`, or in `@{...}`. None if it is refused; `found` then says why.

    Spans within the checked tree are relative to the text; those of its variables, and of what is found, are not.
    """
    checked, findings = _compiled(code.text, is_block, wanted, section)
    found.extend(_moved(finding, code) for finding in findings)
    if checked is None or not checked.variables:
        return checked
    return replace(checked, variables=tuple(Located(each.value, _place(each.span, code)) for each in checked.variables))


@lru_cache(maxsize=_KEPT)
def _compiled(
    text: str,
    is_block: bool,  # noqa: FBT001  # lru_cache is fastest with positions.
    wanted: Type,
    section: str,
) -> tuple[Checked | None, tuple[Diagnostic, ...]]:
    code, found = _Relative(text), Found()
    checked: Checked | None = None
    if is_block:
        block = parse_block(code, found=found)
        if block is not None:
            checked = check_block(block, wanted=wanted, section=section, found=found)
    else:
        tree = parse_expression(code, found=found)
        if tree is not None:
            checked = check_expression(tree, wanted=wanted, section=section, found=found)
    return checked, tuple(found)


def _place(span: Span, code: Code) -> Span:
    return code.span(span.column - 1, span.end_column - 1)


def _moved(finding: Diagnostic, code: Code) -> Diagnostic:
    related = tuple(Related(_place(r.span, code), r.label) for r in finding.related)
    return replace(finding, span=_place(finding.span, code) if finding.span else None, related=related)
