"""Dicts in Envoy's JSON shape to protobuf. The only module of the package that knows protobuf.

`ParseDict` refuses a misspelt field with its full path, also inside typed `Any`, so every builder is checked here.
"""

from __future__ import annotations

import importlib
import json
from functools import cache, lru_cache
from typing import Any, Final

from google.protobuf import any_pb2, json_format, symbol_database

from tidegate.envoy.parts import encoded
from tidegate.envoy.resources import TYPE_URLS, JsonObject

# Importing a module registers its messages; ParseDict finds them by the `@type` of each typed config.
_MODULES: Final = (
    "envoy.config.bootstrap.v3.bootstrap_pb2",
    "envoy.config.cluster.v3.cluster_pb2",
    "envoy.config.core.v3.extension_pb2",
    "envoy.config.endpoint.v3.endpoint_pb2",
    "envoy.config.listener.v3.listener_pb2",
    "envoy.config.route.v3.route_pb2",
    "envoy.extensions.access_loggers.filters.cel.v3.cel_pb2",
    "envoy.extensions.access_loggers.stream.v3.stream_pb2",
    "envoy.extensions.bootstrap.internal_listener.v3.internal_listener_pb2",
    "envoy.extensions.clusters.dns.v3.dns_cluster_pb2",
    "envoy.extensions.clusters.dynamic_forward_proxy.v3.cluster_pb2",
    "envoy.extensions.filters.http.cors.v3.cors_pb2",
    "envoy.extensions.filters.http.credential_injector.v3.credential_injector_pb2",
    "envoy.extensions.filters.http.dynamic_forward_proxy.v3.dynamic_forward_proxy_pb2",
    "envoy.extensions.filters.http.fault.v3.fault_pb2",
    "envoy.extensions.filters.http.lua.v3.lua_pb2",
    "envoy.extensions.filters.http.rbac.v3.rbac_pb2",
    "envoy.extensions.filters.http.router.v3.router_pb2",
    "envoy.extensions.filters.http.set_filter_state.v3.set_filter_state_pb2",
    "envoy.extensions.filters.http.stateful_session.v3.stateful_session_pb2",
    "envoy.extensions.filters.http.upstream_codec.v3.upstream_codec_pb2",
    "envoy.extensions.filters.listener.tls_inspector.v3.tls_inspector_pb2",
    "envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2",
    "envoy.extensions.filters.network.tcp_proxy.v3.tcp_proxy_pb2",
    "envoy.extensions.filters.udp.udp_proxy.v3.route_pb2",
    "envoy.extensions.filters.udp.udp_proxy.v3.udp_proxy_pb2",
    "envoy.extensions.http.early_header_mutation.header_mutation.v3.header_mutation_pb2",
    "envoy.extensions.http.injected_credentials.generic.v3.generic_pb2",
    "envoy.extensions.http.stateful_session.cookie.v3.cookie_pb2",
    "envoy.extensions.http.stateful_session.header.v3.header_pb2",
    "envoy.extensions.load_balancing_policies.client_side_weighted_round_robin.v3.client_side_weighted_round_robin_pb2",
    "envoy.extensions.load_balancing_policies.least_request.v3.least_request_pb2",
    "envoy.extensions.load_balancing_policies.ring_hash.v3.ring_hash_pb2",
    "envoy.extensions.load_balancing_policies.round_robin.v3.round_robin_pb2",
    "envoy.extensions.matching.common_inputs.network.v3.network_inputs_pb2",
    "envoy.extensions.matching.input_matchers.runtime_fraction.v3.runtime_fraction_pb2",
    "envoy.extensions.network.dns_resolver.cares.v3.cares_dns_resolver_pb2",
    "envoy.extensions.rbac.matchers.upstream_ip_port.v3.upstream_ip_port_matcher_pb2",
    "envoy.extensions.resource_monitors.downstream_connections.v3.downstream_connections_pb2",
    "envoy.extensions.retry.host.previous_hosts.v3.previous_hosts_pb2",
    "envoy.extensions.transport_sockets.raw_buffer.v3.raw_buffer_pb2",
    "envoy.extensions.transport_sockets.tls.v3.secret_pb2",
    "envoy.extensions.transport_sockets.tls.v3.tls_pb2",
    "envoy.extensions.upstreams.http.v3.http_protocol_options_pb2",
    "xds.type.v3.typed_struct_pb2",
)

_BOOTSTRAP: Final = "envoy.config.bootstrap.v3.Bootstrap"
_FILTER_CHAIN: Final = "envoy.config.listener.v3.FilterChain"
_FILTER: Final = "envoy.config.listener.v3.Filter"
_MANAGER: Final = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ANY_MANAGER: Final = f"type.googleapis.com/{_MANAGER}"

_MANAGERS_REMEMBERED: Final = 16
_FIELDS_REMEMBERED: Final = 4096

_ASSIGNMENT: Final = "envoy.config.endpoint.v3.ClusterLoadAssignment"
_VIRTUAL_HOST: Final = "envoy.config.route.v3.VirtualHost"
_ROUTE: Final = "envoy.config.route.v3.Route"
_PROGRAM: Final = "envoy.extensions.filters.http.lua.v3.LuaPerRoute"
_ANY_PROGRAM: Final = f"type.googleapis.com/{_PROGRAM}"
_ENDPOINT: Final = "envoy.config.endpoint.v3.LbEndpoint"
_ADDRESS: Final = frozenset({"address", "port_value"})


def to_any(type_url: str, resource: JsonObject) -> any_pb2.Any:
    """The resource as protobuf, ready to be sent. Raises ValueError with the path of a field that does not exist."""
    if type_url not in TYPE_URLS:
        raise ValueError(f"type URL {type_url!r} is not served; known are {list(TYPE_URLS)}")
    return any_pb2.Any(type_url=type_url, value=encoded(resource, type_url, _encode))


def check_bootstrap(bootstrap: JsonObject) -> None:
    """Raise ValueError with the path of a field that does not exist."""
    _parse(_BOOTSTRAP, bootstrap)


def typed_struct(type_url: str, value: JsonObject) -> JsonObject:
    """A typed config of an extension that xds-protos lacks."""
    return {"@type": "type.googleapis.com/xds.type.v3.TypedStruct", "type_url": type_url, "value": value}


def _encode(message_name: str, value: JsonObject) -> bytes:
    if message_name == _FILTER_CHAIN:
        return _filter_chain(value)
    if message_name == _ASSIGNMENT:
        return _assignment(value)
    if message_name == _VIRTUAL_HOST and "metadata" in value:
        return _virtual_host(value)
    if message_name == _ROUTE:
        return _route(value)
    made: bytes = _parse(message_name, value).SerializeToString(deterministic=True)
    return made


def _virtual_host(value: JsonObject) -> bytes:
    """The programs of all routes are texts by the megabyte: ParseDict looks at each of them three times."""
    message = _parse(_VIRTUAL_HOST, {key: each for key, each in value.items() if key != "metadata"})
    for name, entries in value["metadata"]["filter_metadata"].items():
        fields = message.metadata.filter_metadata[name].fields
        for key, each in entries.items():
            if isinstance(each, str):
                fields[key].string_value = each
            else:
                json_format.ParseDict(each, fields[key].struct_value)
    encoded_host: bytes = message.SerializeToString(deterministic=True)
    return encoded_host


def _route(value: JsonObject) -> bytes:
    """Routes come by thousands, and many go to the same backend in the same way. ParseDict takes a quarter of a
    millisecond for each, half of it for facts, which are known to be plain values."""
    own: JsonObject = {}
    shared: list[JsonObject] = []
    message = _message_class(_ROUTE)()
    for key, each in value.items():
        if key == "metadata" and each.keys() == {"filter_metadata"}:
            for name, entries in each["filter_metadata"].items():
                message.metadata.filter_metadata[name].update(entries)
        elif key == "typed_per_filter_config":
            for name, config in each.items():
                if config.keys() == {"@type", "filter_context"} and config["@type"] == _ANY_PROGRAM:
                    program = _message_class(_PROGRAM)()
                    program.filter_context.update(config["filter_context"])
                    made = message.typed_per_filter_config[name]
                    made.type_url, made.value = _ANY_PROGRAM, program.SerializeToString(deterministic=True)
                else:
                    shared.append({key: {name: config}})
        elif key in {"name", "match"}:
            own[key] = each
        else:
            shared.append({key: each})
    once = [_route_field(json.dumps(each, sort_keys=True, ensure_ascii=False)) for each in shared]
    # A message is its fields one after the other, in any order; the entries of one map may stand apart.
    return b"".join((_parse(_ROUTE, own).SerializeToString(), message.SerializeToString(deterministic=True), *once))


@lru_cache(maxsize=_FIELDS_REMEMBERED)
def _route_field(text: str) -> bytes:
    made: bytes = _parse(_ROUTE, json.loads(text)).SerializeToString(deterministic=True)
    return made


def _assignment(value: JsonObject) -> bytes:
    """Endpoints come by tens of thousands, nearly all an address and a port: ParseDict takes ten times as long."""
    localities = value.get("endpoints", ())
    message = _parse(_ASSIGNMENT, {**value, "endpoints": [{**one, "lb_endpoints": []} for one in localities]})
    for one, made in zip(localities, message.endpoints, strict=True):
        for each in one.get("lb_endpoints", ()):
            added = made.lb_endpoints.add()
            address = each.get("endpoint", {}).get("address", {}).get("socket_address", {})
            if each == {"endpoint": {"address": {"socket_address": address}}} and address.keys() == _ADDRESS:
                target = added.endpoint.address.socket_address
                target.address, target.port_value = address["address"], address["port_value"]
            else:
                added.CopyFrom(_parse(_ENDPOINT, each))
    encoded_assignment: bytes = message.SerializeToString(deterministic=True)
    return encoded_assignment


def _filter_chain(value: JsonObject) -> bytes:
    """The connection manager is most of a chain, and the same in nearly all but for the table that it routes by."""
    message = _parse(_FILTER_CHAIN, {**value, "filters": []})
    for one in value.get("filters", ()):
        config = one.get("typed_config", {})
        if config.get("@type") == _ANY_MANAGER and "rds" in config:
            common = {key: part for key, part in config.items() if key not in {"@type", "rds"}}
            encoded_once = _manager(json.dumps(common, sort_keys=True, ensure_ascii=False))
            own = _parse(_MANAGER, {"rds": config["rds"]}).SerializeToString(deterministic=True)
            made = message.filters.add(name=one["name"])
            # A message is its fields one after the other, in any order.
            made.typed_config.type_url, made.typed_config.value = _ANY_MANAGER, encoded_once + own
        else:
            message.filters.append(_parse(_FILTER, one))
    encoded_chain: bytes = message.SerializeToString(deterministic=True)
    return encoded_chain


@lru_cache(maxsize=_MANAGERS_REMEMBERED)
def _manager(text: str) -> bytes:
    made: bytes = _parse(_MANAGER, json.loads(text)).SerializeToString(deterministic=True)
    return made


def _parse(message_name: str, resource: JsonObject) -> Any:
    try:
        return json_format.ParseDict(resource, _message_class(message_name)())
    except json_format.ParseError as error:
        raise ValueError(f"{message_name} {resource.get('name', '')!r}: {error}") from error


@cache
def _message_class(message_name: str) -> Any:
    for module in _MODULES:
        importlib.import_module(module)
    return symbol_database.Default().GetSymbol(message_name)
