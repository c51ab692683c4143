"""Regular expressions: whether RE2, which is Envoy's, takes them."""

from __future__ import annotations

import re
from typing import Final

_NOT_RE2: Final = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")
_ONLY_RE2: Final = re.compile(r"\\[pPCQz]|\[\[:|\(\?[a-zA-Z-]+\)")


def regular_expression(text: str) -> str:
    """A pattern that RE2 will take: one that it refuses would keep Envoy from taking any change at all."""
    if _NOT_RE2.search(text):
        raise ValueError("a pattern of RE2, which has no lookaround, no back-references and no possessive repeats")
    if _ONLY_RE2.search(text):
        return text  # Python cannot judge it; Envoy does, and its answer is shown at this place
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"a pattern of RE2 ({problem.msg})") from None
    return text
