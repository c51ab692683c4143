"""URL templates of operations: which paths they match, and which of two is the more literal."""

from __future__ import annotations

import re
from typing import Final

from tidegate.model import PathMatch, PathMatchKind

_PARAMETER: Final = re.compile(r"\{(\*?)[^{}/]+\}")


def template_match(api_path: str, template: str) -> PathMatch:
    """`/{api path}` and the template, as a match of the whole path; case counts nowhere (API Management)."""
    base = f"/{api_path.strip('/')}".rstrip("/")
    path = template if template.startswith("/") else f"/{template}"
    if path == "/":
        # The root of an API is reached with and without its slash.
        return PathMatch(PathMatchKind.REGEX, f"{re.escape(base)}/?" if base else "/", ignore_case=True)
    if not _PARAMETER.search(path) and not path.endswith("/*"):
        return PathMatch(PathMatchKind.EXACT, base + path, ignore_case=True)
    pattern, at = re.escape(base), 0
    for parameter in _PARAMETER.finditer(path):
        pattern += re.escape(path[at : parameter.start()]) + (".*" if parameter[1] else "[^/]+")
        at = parameter.end()
    rest = path[at:]
    pattern += f"{re.escape(rest[:-1])}.*" if rest.endswith("/*") else re.escape(rest)
    return PathMatch(PathMatchKind.REGEX, pattern, ignore_case=True)


def literalness(template: str) -> str:
    """A key that sorts the more literal template first: segment by segment, text before parameters before the rest."""
    return "".join(_rank(segment) for segment in template.strip("/").split("/"))


def _rank(segment: str) -> str:
    if segment == "*" or segment.startswith("{*"):
        return "3"
    if _PARAMETER.fullmatch(segment):
        return "2"
    return "1" if _PARAMETER.search(segment) else "0"
