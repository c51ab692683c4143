"""Route configurations: virtual hosts, matches and actions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tidegate.envoy.references import NO_BACKEND
from tidegate.envoy.resources import JsonObject

# Nothing of the request has reached a backend's program in these cases, so sending it again is safe for any method.
_RETRY_POLICY: Final[JsonObject] = {
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 3,
}

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def route_configuration(name: str, virtual_hosts: list[JsonObject]) -> JsonObject:
    """Which virtual host serves which Host header; the most specific domain wins."""
    return {
        "name": name,
        "virtual_hosts": virtual_hosts,
        # RFC 9110 section 7.2: the port is no part of the name.
        "ignore_port_in_host_matching": True,
        # Backends find the client in X-Forwarded-For, as behind any other gateway.
        "request_headers_to_remove": ["x-envoy-external-address"],
        # The snapshot is checked as a whole; Envoy would refuse NO_BACKEND here.
        "validate_clusters": False,
    }


def virtual_host(domains: Sequence[str], routes: list[JsonObject]) -> JsonObject:
    """Routes in order of precedence, for some domains."""
    return {"name": domains[0], "domains": list(domains), "routes": routes, "retry_policy": _RETRY_POLICY}


def exact_path(path: str, *, ignore_case: bool) -> JsonObject:
    """This path and no other."""
    return {"path": path, **_case(ignore_case)}


def prefix_path(prefix: str, *, ignore_case: bool) -> JsonObject:
    """This path and everything below it, by path element. `/a/` means `/a` (Gateway API, HTTPPathMatch)."""
    prefix = prefix.rstrip("/")
    return {"path_separated_prefix": prefix, **_case(ignore_case)} if prefix else {"prefix": "/"}


def regex_path(regex: str, *, ignore_case: bool) -> JsonObject:
    """The whole path, without the query (RE2)."""
    return {"safe_regex": {"regex": f"(?i){regex}" if ignore_case else regex}}


def exact_header(name: str, value: str) -> JsonObject:
    """A header, or a pseudo-header such as `:method`, with this value."""
    return {"name": name, "string_match": {"exact": value}}


def weighted_clusters(weights: Sequence[tuple[str | None, int]]) -> JsonObject:
    """Where a forward action sends: clusters by weight. None is the share that answers 500."""
    positive = [(name, weight) for name, weight in weights if weight > 0] or [(None, 1)]
    if len(positive) == 1:
        target: JsonObject = {"cluster": positive[0][0] or NO_BACKEND}
    else:
        merged: dict[str, int] = {}
        for name, weight in positive:
            merged[name or NO_BACKEND] = merged.get(name or NO_BACKEND, 0) + weight
        target = {"weighted_clusters": {"clusters": [{"name": n, "weight": w} for n, w in merged.items()]}}
    # HTTPBackendRef: the share of a reference that does not resolve answers 500, not Envoy's 503.
    missing = any(name is None for name, _ in positive)
    return {**target, **({"cluster_not_found_response_code": "INTERNAL_SERVER_ERROR"} if missing else {})}


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
    pattern, substitution = (quoted, replacement) if replacement else (f"{quoted}/*", "/")
    substitution = substitution.replace("\\", r"\\")
    return {"regex_rewrite": {"pattern": {"regex": pattern}, "substitution": substitution}}


def direct_response(status: int, body: str) -> JsonObject:
    """An answer without a backend."""
    return {"status": status, **({"body": {"inline_string": body}} if body else {})}


def header_changes(
    direction: str,
    *,
    overwrite: Mapping[str, str] = _NONE,
    append: Mapping[str, str] = _NONE,
    remove: Sequence[str] = (),
) -> JsonObject:
    """Header changes of a route; `direction` is `request` or `response`."""
    options = [
        *(_header(name, value, "OVERWRITE_IF_EXISTS_OR_ADD") for name, value in overwrite.items()),
        *(_header(name, value, "APPEND_IF_EXISTS_OR_ADD") for name, value in append.items()),
    ]
    return {
        **({f"{direction}_headers_to_add": options} if options else {}),
        **({f"{direction}_headers_to_remove": list(remove)} if remove else {}),
    }


def _header(name: str, value: str, action: str) -> JsonObject:
    # `%` begins a substitution; the author meant the character.
    return {
        "header": {"key": name, "value": value.replace("%", "%%")},
        "append_action": action,
        "keep_empty_value": True,
    }


def _case(ignore_case: bool) -> JsonObject:  # noqa: FBT001 - private; the public builders take it by name
    return {"case_sensitive": False} if ignore_case else {}
