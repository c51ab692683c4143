"""Regular expressions: whether RE2, which is Envoy's, takes them."""

from __future__ import annotations

from tidegate.manifests import re2


def regular_expression(text: str) -> str:
    """A pattern that RE2 will take: one that it refuses would keep Envoy from taking any change at all."""
    if why := re2.problem(text):
        raise ValueError(f"a pattern of RE2 ({why})")
    return text
