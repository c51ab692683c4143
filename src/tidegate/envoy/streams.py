"""Connections and datagrams that are forwarded as they are: TCP, TLS by server name, UDP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.envoy.references import NO_BACKEND
from tidegate.envoy.resources import ADS, JsonObject

_TCP: Final = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
_UDP: Final = "type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3"
_INPUTS: Final = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3"
_FRACTION: Final = "type.googleapis.com/envoy.extensions.matching.input_matchers.runtime_fraction.v3.RuntimeFraction"

# As most balancers: a connection on which nothing was said for an hour is one that both ends have forgotten.
_TCP_IDLE_TIMEOUT: Final = "3600s"
_UDP_IDLE_TIMEOUT: Final = "60s"

# An endpoint that does not answer is no reason to turn the client away while another would.
_CONNECT_ATTEMPTS: Final = 3

_MILLION: Final = 1_000_000

Weights = Sequence[tuple[str | None, int]]
"""Cluster and weight; None stands for a backend that does not resolve: its share is closed."""


def connection_proxy(name: str) -> JsonObject:
    """The network filter that forwards connections as `tcp_proxy` of the same name says.

    That comes by ECDS and not with the listener: when it changes, open connections stay where they are.
    """
    return {"name": name, "config_discovery": {"config_source": ADS, "type_urls": [_TCP]}}


def tcp_proxy(name: str, weights: Weights, *, access_log: list[JsonObject]) -> JsonObject:
    """Where connections are forwarded to. Nowhere: they are closed."""
    shares = _shares(weights)
    if len(shares) == 1:
        target: JsonObject = {"cluster": shares[0][0]}
    else:
        target = {"weighted_clusters": {"clusters": [{"name": name, "weight": weight} for name, weight in shares]}}
    return {
        "name": name,
        "typed_config": {
            "@type": _TCP,
            "stat_prefix": "gateway",
            **target,
            "idle_timeout": _TCP_IDLE_TIMEOUT,
            "max_connect_attempts": _CONNECT_ATTEMPTS,
            **({"access_log": access_log} if access_log else {}),
        },
    }


def udp_proxy(weights: Weights, *, access_log: list[JsonObject]) -> JsonObject:
    """The listener filter that forwards datagrams; those of one client's port go to one endpoint.

    Envoy's UDP proxy has no weights. A hash of the client's port stands in for the dice: each of its sessions falls
    into one share and stays there.
    """
    shares = _shares(weights)
    return {
        "name": "envoy.filters.udp_listener.udp_proxy",
        "typed_config": {
            "@type": f"{_UDP}.UdpProxyConfig",
            "stat_prefix": "gateway",
            "matcher": _split(shares),
            "idle_timeout": _UDP_IDLE_TIMEOUT,
            **({"access_log": access_log} if access_log else {}),
        },
    }


def _shares(weights: Weights) -> list[tuple[str, int]]:
    return [(cluster or NO_BACKEND, weight) for cluster, weight in weights if weight > 0] or [(NO_BACKEND, 1)]


def _split(shares: Sequence[tuple[str, int]]) -> JsonObject:
    """The last share is what the others leave."""
    (last, _), rest = shares[-1], shares[:-1]
    total = sum(weight for _, weight in shares)
    matchers: list[JsonObject] = []
    below = 0
    for name, weight in rest:
        below += weight
        matchers.append({"predicate": {"single_predicate": _hash_below(below, total)}, "on_match": _to(name)})
    return {**({"matcher_list": {"matchers": matchers}} if matchers else {}), "on_no_match": _to(last)}


def _hash_below(part: int, total: int) -> JsonObject:
    return {
        "input": {
            "name": "envoy.matching.inputs.source_port",
            "typed_config": {"@type": f"{_INPUTS}.SourcePortInput"},
        },
        "custom_match": {
            "name": "envoy.matching.matchers.runtime_fraction",
            "typed_config": {
                "@type": _FRACTION,
                "runtime_fraction": {
                    "default_value": {"numerator": part * _MILLION // total, "denominator": "MILLION"},
                    "runtime_key": "tidegate.udp.share",
                },
            },
        },
    }


def _to(cluster: str) -> JsonObject:
    return {"action": {"name": "route", "typed_config": {"@type": f"{_UDP}.Route", "cluster": cluster}}}
