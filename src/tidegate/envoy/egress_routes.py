"""The routes of egress: which destinations the configuration declares, and where everything else goes (egress.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.envoy.http_filters import LUA
from tidegate.envoy.local_replies import REPLY_HEADER
from tidegate.envoy.resources import JsonObject

EGRESS: Final = "egress"
"""The name of the listener, of the cluster that leads to it, and of its routes."""
TO_HOSTS: Final = "egress-http"
TO_HOSTS_TLS: Final = "egress-https"
"""The clusters of hosts that nobody declared."""

CLUSTER_HEADER: Final = "x-envoy-tidegate-cluster"
"""Which cluster the backend that a policy has chosen is."""
TARGET: Final = "x-envoy-tidegate-host"
"""Host and port of where a request goes, whatever its Host header says. Like all x-envoy-* headers, clients cannot
send it."""
SCHEME: Final = "x-envoy-tidegate-scheme"
KIND: Final = "x-envoy-tidegate-kind"
ROUTE_ID: Final = "x-envoy-tidegate-route"
ADDRESS: Final = "x-envoy-tidegate-address"
PORT: Final = "x-envoy-tidegate-port"
TICKET: Final = "x-envoy-tidegate-ticket"
WAIT: Final = "x-envoy-tidegate-wait"
ANSWERED: Final = "x-tidegate-egress"
"""On every answer that somebody outside gave, so that a call can tell it from a failure of its own."""

FAULT: Final = "envoy.filters.http.fault"
STATE: Final = "envoy.filters.http.set_filter_state"
RESOLVE: Final = "envoy.filters.http.dynamic_forward_proxy"
GUARD: Final = "envoy.filters.http.rbac"
_SWITCHED_OFF: Final[JsonObject] = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
_DECLARED: Final = dict.fromkeys((STATE, RESOLVE, GUARD), _SWITCHED_OFF)


@dataclass(frozen=True, slots=True)
class Declared:
    """A destination that the configuration names."""

    scheme: str
    """Behind `#`, the certificate that it is shown."""
    host: str
    port: int
    cluster: str


def egress_routes(declared: Iterable[Declared], again: Mapping[str, JsonObject]) -> JsonObject:
    """The routes of the egress listener. `again`: by the id of a route, its action, for programs that forward
    themselves."""
    hosts: dict[str, list[Declared]] = {}
    for one in declared:
        bare = f"[{one.host}]" if ":" in one.host else one.host
        hosts.setdefault(f"{bare}:{one.port}", []).append(one)
    marked = any("#" in one.scheme for to in hosts.values() for one in to)
    last = [*([_nowhere()] if marked else []), *_elsewhere()]
    first = [_sleep(), *(_again(id_, action) for id_, action in sorted(again.items()))]
    return {
        "name": EGRESS,
        "vhost_header": TARGET,
        "virtual_hosts": [
            *(
                {"name": host, "domains": [host], "routes": [*first, *map(_to_declared, to), *last]}
                for host, to in sorted(hosts.items())
            ),
            {"name": "elsewhere", "domains": ["*"], "routes": [*first, *last]},
        ],
        "request_headers_to_remove": [TARGET, SCHEME, KIND, ROUTE_ID, ADDRESS, PORT, TICKET, WAIT],
        "response_headers_to_remove": [REPLY_HEADER],
        "response_headers_to_add": [
            {"header": {"key": ANSWERED, "value": "answered"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
        "validate_clusters": False,
    }


def chosen_backend(route: JsonObject) -> JsonObject:
    """The route that a request takes when its program has chosen the backend: the same, right before it, but that the
    program says which cluster. It has worked out path and host, too."""
    kept = {key: value for key, value in route.items() if key not in ("route", "redirect", "direct_response")}
    match = route["match"]
    asked = {"name": CLUSTER_HEADER, "present_match": True}
    action = {
        key: value
        for key, value in route.get("route", {}).items()
        if key in ("timeout", "idle_timeout", "retry_policy", "hash_policy")
    }
    metadata = route.get("metadata", {}).get("filter_metadata", {})
    return {
        **kept,
        "match": {**match, "headers": [*match.get("headers", ()), asked]},
        "route": {"cluster_header": CLUSTER_HEADER, **action},
        "metadata": {"filter_metadata": {**metadata, LUA: {**metadata.get(LUA, {}), "chosen": True}}},
        "request_headers_to_remove": [*kept.get("request_headers_to_remove", ()), CLUSTER_HEADER],
        "response_headers_to_remove": [*kept.get("response_headers_to_remove", ()), ANSWERED],
    }


def _sleep() -> JsonObject:
    """Answers after as many milliseconds as the request asks for: how a program waits."""
    delay = {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
        "delay": {"header_delay": {}, "percentage": {"numerator": 100}},
    }
    return {
        "name": "sleep",
        "match": {"prefix": "/", "headers": [{"name": SCHEME, "string_match": {"exact": "sleep"}}]},
        "direct_response": {"status": 200},
        "typed_per_filter_config": {**_DECLARED, FAULT: delay},
    }


def _again(id_: str, action: JsonObject) -> JsonObject:
    return {
        "name": id_,
        "match": {"prefix": "/", "headers": [{"name": ROUTE_ID, "string_match": {"exact": id_}}]},
        **action,
        **_trusted(),
    }


def _to_declared(one: Declared) -> JsonObject:
    return {
        "name": one.cluster,
        "match": {"prefix": "/", "headers": [{"name": SCHEME, "string_match": {"exact": one.scheme}}]},
        "route": {"cluster": one.cluster, "timeout": "0s"},
        **_trusted(),
    }


def _nowhere() -> JsonObject:
    """Who is to be shown a certificate and is not declared gets no request, rather than one without."""
    return {
        "name": "nowhere",
        "match": {"prefix": "/", "headers": [{"name": SCHEME, "string_match": {"contains": "#"}}]},
        "direct_response": {"status": 502},
        "typed_per_filter_config": _DECLARED,
        "response_headers_to_add": [
            {"header": {"key": REPLY_HEADER, "value": "gateway"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
    }


def _trusted() -> JsonObject:
    return {"typed_per_filter_config": _DECLARED, "metadata": {"filter_metadata": {LUA: {"declared": True}}}}


def _elsewhere() -> list[JsonObject]:
    return [
        {
            "name": "https",
            "match": {"prefix": "/", "headers": [{"name": SCHEME, "string_match": {"exact": "https"}}]},
            "route": {"cluster": TO_HOSTS_TLS, "timeout": "0s"},
        },
        {"name": "http", "match": {"prefix": "/"}, "route": {"cluster": TO_HOSTS, "timeout": "0s"}},
    ]


def all_declared(table: JsonObject) -> JsonObject:
    """The same routes, with every destination taken for a declared one: for runs in which all clusters are stood in
    for, so that no name is looked up and no address judged."""
    ends = {route["name"] for route in _elsewhere()}
    hosts = [
        {**host, "routes": [{**r, **_trusted()} if r["name"] in ends else r for r in host["routes"]]}
        for host in table["virtual_hosts"]
    ]
    return {**table, "virtual_hosts": hosts}
