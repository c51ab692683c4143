"""Paths on their way to a backend, and in redirects: the fields are the same in both actions of Envoy."""

from __future__ import annotations

import re

from tidegate.envoy.resources import JsonObject


def prefix_rewrite(prefix: str, replacement: str) -> JsonObject:
    """Replace what a prefix match matched: `/a` by `/b` makes `/a/x` into `/b/x`, and `/a` by `/` makes it `/x`."""
    prefix, replacement = prefix.rstrip("/"), replacement.rstrip("/")
    if prefix and not replacement:
        return path_rewrite(prefix, replacement, ignore_case=True)
    if not prefix:
        return {"prefix_rewrite": f"{replacement}/"} if replacement else {}
    return {"prefix_rewrite": replacement}


def path_rewrite(prefix: str, replacement: str, *, ignore_case: bool) -> JsonObject:
    """The same where the match is exact or a pattern, so that Envoy does not know the prefix."""
    prefix, replacement = prefix.rstrip("/"), replacement.rstrip("/")
    if prefix == replacement:
        return {}
    quoted = ("(?i)^" if ignore_case else "^") + re.escape(prefix)
    return _regex(quoted, replacement) if replacement else _regex(f"{quoted}/*", "/")


def element_rewrite(prefix: str, replacement: str) -> JsonObject:
    """What `prefix_rewrite` does, but only to paths that do lie below the prefix."""
    prefix, replacement = prefix.rstrip("/"), replacement.rstrip("/")
    if prefix == replacement:
        return {}
    if not prefix:
        return {"regex_rewrite": {"pattern": {"regex": "^/"}, "substitution": f"{_literal(replacement)}/"}}
    # All slashes behind it, so that nothing becomes `//`; a path that ends here stays one.
    pattern = f"^{re.escape(prefix)}" + ("(/|$)" if replacement else "(?:/+|$)")
    substitution = _literal(replacement) + (r"\1" if replacement else "/")
    return {"regex_rewrite": {"pattern": {"regex": pattern}, "substitution": substitution}}


def whole_path_rewrite(replacement: str) -> JsonObject:
    """Whatever the path is, this one; the query stays (Gateway API, ReplaceFullPath)."""
    return _regex("^/.*", replacement or "/")


def _regex(pattern: str, replacement: str) -> JsonObject:
    return {"regex_rewrite": {"pattern": {"regex": pattern}, "substitution": _literal(replacement)}}


def _literal(replacement: str) -> str:
    return replacement.replace("\\", r"\\")
