"""Egress: the way out for requests whose destination a policy works out (decision 0016).

Two listeners inside Envoy. `egress` is where calls and forwarded requests go in: its routes know the destinations that
the configuration declares; everything else passes a guard. The guard must judge the address that is connected to, not
a name and not one of several addresses: so `egress-names` resolves first, and what it found is given to the dynamic
forward proxy as the only address there is.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from tidegate.envoy.clusters import CONNECT_TIMEOUT, Limits
from tidegate.envoy.egress_routes import (
    ADDRESS,
    EGRESS,
    FAULT,
    GUARD,
    PORT,
    RESOLVE,
    STATE,
    TARGET,
    TO_HOSTS,
    TO_HOSTS_TLS,
)
from tidegate.envoy.http_filters import LUA
from tidegate.envoy.local_replies import REPLY_HEADER
from tidegate.envoy.resources import ADS, CLUSTER, LISTENER, JsonObject, ResourceName

NAMES: Final = "egress-names"
_UNBOUND: Final = "egress-unbound"

_MAX_ANSWER_BYTES: Final = 8 << 20
"""Of the answer to a call, which is held in memory whole."""

_ALWAYS: Final = (
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2002::/16", "fe80::/10",
    "fec0::/10", "ff00::/8", "fd00:ec2::/32",
)  # fmt: skip
"""This host, link-local addresses and the metadata services of clouds there, multicast, and IPv6 addresses that stand
for an IPv4 one."""
_PRIVATE: Final = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?!.*\.\d+$){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_FILTERS: Final = "type.googleapis.com/envoy.extensions.filters"
_HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@dataclass(frozen=True, slots=True)
class EgressRules:
    """Which destinations that nobody declared may be reached."""

    hosts: tuple[str, ...] = ()
    """Names whose addresses are not judged."""
    networks: tuple[str, ...] = ()
    """CIDR ranges that are open although the guard would refuse them."""
    refuse_private: bool = False
    """Whether the networks of RFC 1918 and their like are refused too."""


NO_RULES: Final = EgressRules()


@dataclass(frozen=True, slots=True)
class Resolver:
    """A DNS server to ask instead of the system's."""

    address: str
    port: int


def egress_resources(
    rules: EgressRules, *, system_roots: str, resolver: Resolver | None = None
) -> Iterator[tuple[ResourceName, JsonObject]]:
    """Everything but the routes; the same as long as the rules are."""
    dns = _dns_cache(resolver)
    yield ResourceName(CLUSTER, EGRESS), _inside(EGRESS)
    yield ResourceName(CLUSTER, NAMES), _inside(NAMES)
    yield ResourceName(CLUSTER, _UNBOUND), {**_dynamic(_UNBOUND, dns), **_bound_to_nothing()}
    yield ResourceName(CLUSTER, TO_HOSTS), _dynamic(TO_HOSTS, dns)
    yield ResourceName(CLUSTER, TO_HOSTS_TLS), {**_dynamic(TO_HOSTS_TLS, dns), **_verified(system_roots)}
    yield ResourceName(LISTENER, EGRESS), _listener(EGRESS, _manager(_filters(rules, dns), {
        "rds": {"route_config_name": EGRESS, "config_source": ADS}
    }))  # fmt: skip
    names = [_forward_proxy(dns), _guard(rules)]
    yield ResourceName(LISTENER, NAMES), _listener(NAMES, _manager(names, {"route_config": _name_routes()}, names=True))


def egress_rules(allowed: Iterable[str], *, refuse_private: bool = False) -> EgressRules:
    """The rules of hosts, addresses and CIDR ranges that somebody wrote. Raises ValueError for what is none of them."""
    hosts: list[str] = []
    networks: list[str] = []
    for text in allowed:
        try:
            networks.append(str(ipaddress.ip_network(text.strip("[]"), strict=False)))
        except ValueError:
            if not _HOST.fullmatch(text):
                raise ValueError(f"{text!r} is no host, address or CIDR range") from None
            hosts.append(text.lower())
    return EgressRules(tuple(sorted(set(hosts))), tuple(sorted(set(networks))), refuse_private)


@cache
def _script() -> str:
    return resources.files("tidegate.envoy").joinpath("egress.lua").read_text(encoding="utf-8")


def _name_routes() -> JsonObject:
    host: JsonObject = {"name": "names", "domains": ["*"], "routes": [
        {"name": "names", "match": {"prefix": "/"}, "route": {"cluster": _UNBOUND, "timeout": "5s"}}
    ]}  # fmt: skip
    return {"name": NAMES, "virtual_hosts": [host]}


# -- filters


def _filters(rules: EgressRules, dns: JsonObject) -> list[JsonObject]:
    state = [
        {
            "object_key": key,
            "format_string": {"text_format_source": {"inline_string": f"%REQ({header})%"}, "omit_empty_values": True},
            "skip_if_empty": True,
        }
        for key, header in (("envoy.upstream.dynamic_host", ADDRESS), ("envoy.upstream.dynamic_port", PORT))
    ]
    script = {
        "@type": f"{_FILTERS}.http.lua.v3.Lua",
        "default_source_code": {"inline_string": _script()},
        "clear_route_cache": False,
    }
    return [
        # Delays only what asks to sleep.
        {"name": FAULT, "disabled": True, "typed_config": {"@type": f"{_FILTERS}.http.fault.v3.HTTPFault"}},
        # Finds the address of the host.
        {"name": LUA, "typed_config": script},
        # Tells the next filter, which then resolves nothing itself.
        {
            "name": STATE,
            "typed_config": {
                "@type": f"{_FILTERS}.http.set_filter_state.v3.Config",
                "on_request_headers": state,
            },
        },
        _forward_proxy(dns, given=True),
        # Judges the address.
        _guard(rules),
    ]


def _forward_proxy(dns: JsonObject, *, given: bool = False) -> JsonObject:
    return {
        "name": RESOLVE,
        "typed_config": {
            "@type": f"{_FILTERS}.http.dynamic_forward_proxy.v3.FilterConfig",
            "dns_cache_config": dns,
            "save_upstream_address": True,
            **({"allow_dynamic_host_from_filter_state": True} if given else {}),
        },
    }


def _guard(rules: EgressRules) -> JsonObject:
    refused = [*_ALWAYS, *(_PRIVATE if rules.refuse_private else ())]
    allowed = [_address_in(network) for network in rules.networks]
    allowed += [{"header": {"name": TARGET, "string_match": {"prefix": f"{host}:"}}} for host in rules.hosts]
    permission: JsonObject = {"or_rules": {"rules": [_address_in(network) for network in refused]}}
    if allowed:
        permission = {"and_rules": {"rules": [permission, {"not_rule": {"or_rules": {"rules": allowed}}}]}}
    return {
        "name": GUARD,
        "typed_config": {
            "@type": f"{_FILTERS}.http.rbac.v3.RBAC",
            "rules": {
                "action": "DENY",
                "policies": {"guarded": {"permissions": [permission], "principals": [{"any": True}]}},
            },
        },
    }


def _address_in(network: str) -> JsonObject:
    prefix, _, length = network.partition("/")
    return {
        "matcher": {
            "name": "envoy.rbac.matchers.upstream_ip_port",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher",
                "upstream_ip": {"address_prefix": prefix, "prefix_len": int(length)},
            },
        }
    }


# -- listeners


def _listener(name: str, network_filter: JsonObject) -> JsonObject:
    return {
        "name": name,
        "internal_listener": {},
        # What passes here has been counted where it came from.
        "ignore_global_conn_limit": True,
        "filter_chains": [{"filters": [network_filter]}],
        "per_connection_buffer_limit_bytes": _MAX_ANSWER_BYTES,
    }


def _manager(filters: Sequence[JsonObject], routes: JsonObject, *, names: bool = False) -> JsonObject:
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{_FILTERS}.http.router.v3.Router", "suppress_envoy_headers": True},
    }
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": EGRESS,
            **routes,
            "http_filters": [*filters, router],
            "local_reply_config": _reply("address=%UPSTREAM_HOST% " if names else ""),
            # The way in is inside Envoy: what the request says of its client is said by the gateway.
            "skip_xff_append": True,
            "generate_request_id": False,
            "server_header_transformation": "PASS_THROUGH",
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "internal_address_config": {"cidr_ranges": []},
            "common_http_protocol_options": {"idle_timeout": "60s", "max_headers_count": 200},
            "stream_idle_timeout": "3600s",
        },
    }


def _reply(before: str) -> JsonObject:
    """Envoy's own answers are failures of the call; the body says which. A destination that is refused is one, too."""
    return {"mappers": [_mapper(before, "response.code == 403", status=502), _mapper(before, "true")]}


def _mapper(before: str, condition: str, *, status: int | None = None) -> JsonObject:
    asked_for = "response.code_details in ['direct_response', 'lua_response']"
    return {
        "filter": {
            "extension_filter": {
                "name": "envoy.access_loggers.extension_filters.cel",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
                    "expression": f"{condition} && !({asked_for})",
                },
            }
        },
        **({"status_code": status} if status is not None else {}),
        "headers_to_add": [
            {"header": {"key": REPLY_HEADER, "value": "gateway"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ],
        "body_format_override": {
            "text_format_source": {"inline_string": f"{before}%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"}
        },
    }


# -- clusters


def _inside(name: str) -> JsonObject:
    address = {"envoy_internal_address": {"server_listener_name": name}}
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
        "circuit_breakers": Limits().to_json(),
    }


def _dynamic(name: str, dns: JsonObject) -> JsonObject:
    return {
        "name": name,
        "connect_timeout": CONNECT_TIMEOUT,
        "lb_policy": "CLUSTER_PROVIDED",
        "cluster_type": {
            "name": "envoy.clusters.dynamic_forward_proxy",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig",
                "dns_cache_config": dns,
            },
        },
    }


def _bound_to_nothing() -> JsonObject:
    """A source address that no machine has (RFC 5737, RFC 3849): connections fail before anything is sent. By then
    Envoy has chosen the address, which is all that is wanted to know."""
    return {
        "upstream_bind_config": {
            "source_address": {"address": "203.0.113.7", "port_value": 0},
            "extra_source_addresses": [{"address": {"address": "2001:db8::7", "port_value": 0}}],
        }
    }


def _verified(system_roots: str) -> JsonObject:
    """TLS: the certificate must be for the host of the URL, whatever address that has."""
    return {
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "common_tls_context": {
                    "tls_params": {
                        "tls_minimum_protocol_version": "TLSv1_2",
                        "tls_maximum_protocol_version": "TLSv1_3",
                    },
                    "validation_context": {"trusted_ca": {"filename": system_roots}},
                },
            },
        },
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "upstream_http_protocol_options": {"auto_sni": True, "auto_san_validation": True},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    }


def _dns_cache(resolver: Resolver | None) -> JsonObject:
    options: JsonObject = {}
    if resolver is not None:
        options["typed_dns_resolver_config"] = {
            "name": "envoy.network.dns_resolver.cares",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
                "resolvers": [{"socket_address": {"address": resolver.address, "port_value": resolver.port}}],
                "dns_resolver_options": {"no_default_search_domain": True},
            },
        }
    return {
        "name": EGRESS,
        "dns_lookup_family": "V4_PREFERRED",
        "host_ttl": "60s",
        "dns_refresh_rate": "30s",
        "dns_min_refresh_rate": "5s",
        "dns_query_timeout": "4s",
        "max_hosts": 4096,
        **options,
    }
