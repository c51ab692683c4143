"""Forward actions: where to, how often, how long, and what of the request changes on the way."""

from __future__ import annotations

from typing import Final

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.headers import envoy_changes, new_host, with_changes
from tidegate.compilers.sessions import hash_policy, remembers_backend
from tidegate.envoy import routes as envoy
from tidegate.envoy.durations import seconds
from tidegate.envoy.matches import MILLION
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.retries import default_retries, retries
from tidegate.envoy.rewrites import element_rewrite, path_rewrite, prefix_rewrite, whole_path_rewrite
from tidegate.model import BackendFilters, CookieHash, Forward, Mirror, PathMatchKind, Route, Timeouts, WeightedBackend

# Application Gateway for Containers answers 504 after a minute; API Management's forward-request waits five.
_REQUEST_TIMEOUT_S: Final = 60.0
_PROGRAM_TIMEOUT_S: Final = 300.0

# A stream on which nothing moves ends after this long unless its route says otherwise (connection_manager.py).
_IDLE_TIMEOUT_S: Final = 300.0
_LONGEST_IDLE_TIMEOUT_S: Final = 3600.0


def forward_action(route: Route, forward: Forward, *, secure: bool = False) -> JsonObject:
    """Envoy's `route` action. Backends' own filters are header changes and Host; `shares` took out the others."""
    set_host = new_host(route.request_headers)
    host = set_host if set_host is not None else forward.host
    by_hash = isinstance(forward.affinity, CookieHash) and not remembers_backend(route)
    return {
        **envoy.targets([_target(weighted) for weighted in forward.backends], by_hash=by_hash, grpc=route.match.grpc),
        **_times(forward, has_program=route.program is not None),
        **_rewrite(route, forward),
        **({"host_rewrite_literal": host} if host is not None else {}),
        **_mirrors(forward),
        **hash_policy(forward, secure=secure),
    }


def _target(weighted: WeightedBackend) -> envoy.Target:
    changes: JsonObject = {}
    filters = weighted.filters or BackendFilters()
    for direction, these in (("request", filters.request_headers), ("response", filters.response_headers)):
        changes = with_changes(changes, envoy_changes(direction, these))
    host = new_host(filters.request_headers)
    if host is None and filters.rewrite is not None:
        host = filters.rewrite.hostname
    if host is not None:
        changes["host_rewrite_literal"] = host
    name = None if weighted.backend is None else cluster_name(weighted.backend)
    return envoy.Target(name, weighted.weight, changes)


def _times(forward: Forward, *, has_program: bool) -> JsonObject:
    request_s = _request_timeout_s(forward.timeouts, has_program=has_program)
    # A request may take longer than a stream may be idle: then it may be idle as long.
    idle_s = request_s if request_s else _LONGEST_IDLE_TIMEOUT_S
    return {
        "timeout": seconds(request_s),
        **({"idle_timeout": seconds(idle_s)} if idle_s > _IDLE_TIMEOUT_S else {}),
        **_retry_policy(forward),
    }


def _request_timeout_s(timeouts: Timeouts, *, has_program: bool) -> float:
    """Of the whole, with all tries; 0 for none."""
    if timeouts.request_s is not None:
        return timeouts.request_s
    default = _PROGRAM_TIMEOUT_S if has_program else _REQUEST_TIMEOUT_S
    if timeouts.backend_request_s is None:
        return default
    # What is said of one try must not be cut off by what nobody said.
    return max(default, timeouts.backend_request_s) if timeouts.backend_request_s else 0


def _retry_policy(forward: Forward) -> JsonObject:
    per_try_s = forward.timeouts.backend_request_s
    if forward.retry is not None:
        policy = retries(
            codes=forward.retry.codes,
            attempts=forward.retry.attempts,
            backoff_s=forward.retry.backoff_s,
            per_try_s=per_try_s,
        )
        return {"retry_policy": policy}
    # The virtual host's own otherwise.
    return {"retry_policy": default_retries(per_try_s=per_try_s)} if per_try_s else {}


def _rewrite(route: Route, forward: Forward) -> JsonObject:
    path = route.match.path
    if forward.replace_path is not None:
        return whole_path_rewrite(forward.replace_path)
    if forward.replace_prefix is None:
        return {}
    if forward.matched_prefix is not None:
        return path_rewrite(forward.matched_prefix, forward.replace_prefix, ignore_case=path.ignore_case)
    if path.kind is not PathMatchKind.PREFIX:
        raise ValueError(f"route {route.id}: replace_prefix needs matched_prefix, since the match is {path.kind}")
    if route.program is not None:
        # A policy may have changed the path, and Envoy would cut as many characters off it all the same.
        return element_rewrite(path.value, forward.replace_prefix)
    return prefix_rewrite(path.value, forward.replace_prefix)


def _mirrors(forward: Forward) -> JsonObject:
    policies = [envoy.mirror(cluster_name(one.backend), millionths=_millionths(one)) for one in forward.mirrors]
    return {"request_mirror_policies": policies} if policies else {}


def _millionths(mirror: Mirror) -> int:
    return round(mirror.numerator * MILLION / mirror.denominator)
