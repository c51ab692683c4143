"""Route configurations: virtual hosts, matches and actions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tidegate.envoy.matches import MILLION, below
from tidegate.envoy.references import NO_BACKEND
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.retries import default_retries


def route_configuration(name: str, virtual_hosts: list[JsonObject]) -> JsonObject:
    """Which virtual host serves which Host header; the most specific domain wins."""
    return {
        "name": name,
        "virtual_hosts": virtual_hosts,
        # RFC 9110 section 7.2: the port is no part of the name.
        "ignore_port_in_host_matching": True,
        # Backends find the client in X-Forwarded-For, as behind any other gateway.
        "request_headers_to_remove": ["x-envoy-external-address"],
        # What backends report of their load is for the gateway (load-aware balancing), and tells strangers too much.
        "response_headers_to_remove": ["endpoint-load-metrics", "endpoint-load-metrics-bin"],
        # The snapshot is checked as a whole; Envoy would refuse NO_BACKEND here.
        "validate_clusters": False,
    }


def virtual_host(domains: Sequence[str], routes: list[JsonObject], *, metadata: JsonObject | None = None) -> JsonObject:
    """Routes in order of precedence, for some domains.

    The retries are those of routes that ask for none. A cluster's own would cost Envoy less with every new table, but
    they would also go before those of routes that do ask.
    """
    return {
        "name": domains[0],
        "domains": list(domains),
        "routes": routes,
        "retry_policy": default_retries(),
        **({"metadata": metadata} if metadata is not None else {}),
    }


@dataclass(frozen=True, slots=True)
class Target:
    """One cluster of a forward action."""

    cluster: str | None
    """None is the share of a reference that does not resolve."""
    weight: int
    changes: JsonObject = field(default_factory=dict)
    """Header changes and `host_rewrite_literal` for this share only."""


def targets(to: Sequence[Target], *, by_hash: bool = False, grpc: bool = False) -> JsonObject:
    """Where a forward action sends: clusters by weight.

    `by_hash`: equal hashes (of the route's hash policy) go to the same cluster.
    """
    positive = [one for one in to if one.weight > 0] or [Target(None, 1)]
    if len(positive) == 1 and not positive[0].changes:
        action: JsonObject = {"cluster": positive[0].cluster or NO_BACKEND}
    else:
        entries = [
            {"name": one.cluster or NO_BACKEND, "weight": one.weight, **one.changes} for one in _merged(positive)
        ]
        action = {"weighted_clusters": {"clusters": entries, **({"use_hash_policy": True} if by_hash else {})}}
    if all(one.cluster is not None for one in positive):
        return action
    # The share of a reference that does not resolve: 500 (HTTPBackendRef), or the status UNAVAILABLE (GRPCBackendRef).
    return {**action, "cluster_not_found_response_code": "SERVICE_UNAVAILABLE" if grpc else "INTERNAL_SERVER_ERROR"}


def mirror(cluster: str, *, millionths: int) -> JsonObject:
    """Copies of a share of the requests. The Host header is the request's own, not marked as a copy's."""
    return {
        "cluster": cluster,
        **({"runtime_fraction": below(millionths)} if millionths < MILLION else {}),
        "disable_shadow_host_suffix_append": True,
    }


def direct_response(status: int, body: str) -> JsonObject:
    """An answer without a backend."""
    return {"status": status, **({"body": {"inline_string": body}} if body else {})}


def header_changes(
    direction: str,
    *,
    overwrite: Iterable[tuple[str, str]] = (),
    append: Iterable[tuple[str, str]] = (),
    remove: Sequence[str] = (),
) -> JsonObject:
    """Header changes of a route; `direction` is `request` or `response`. Values are meant as they are written."""
    options = [
        *(literal_header(name, value) for name, value in overwrite),
        *(literal_header(name, value, append=True) for name, value in append),
    ]
    return {
        **({f"{direction}_headers_to_add": options} if options else {}),
        **({f"{direction}_headers_to_remove": list(remove)} if remove else {}),
    }


def literal_header(name: str, value: str, *, append: bool = False) -> JsonObject:
    """A header whose value is meant as it is written."""
    return formatted_header(name, value.replace("%", "%%"), append=append)


def formatted_header(name: str, value: str, *, append: bool = False, keep_empty: bool = True) -> JsonObject:
    """A header whose value may hold Envoy's substitutions, such as `%REQ(origin)%`."""
    return {
        "header": {"key": name, "value": value},
        "append_action": "APPEND_IF_EXISTS_OR_ADD" if append else "OVERWRITE_IF_EXISTS_OR_ADD",
        "keep_empty_value": keep_empty,
    }


def _merged(to: Sequence[Target]) -> Sequence[Target]:
    """Shares of one cluster that nothing else tells apart are one."""
    plain: dict[str | None, int] = {}
    for one in to:
        if not one.changes:
            plain[one.cluster] = plain.get(one.cluster, 0) + one.weight
    seen: set[str | None] = set()
    result: list[Target] = []
    for one in to:
        if one.changes:
            result.append(one)
        elif one.cluster not in seen:
            seen.add(one.cluster)
            result.append(Target(one.cluster, plain[one.cluster]))
    return result
