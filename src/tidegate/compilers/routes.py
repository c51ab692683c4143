"""One route of the model to one route of Envoy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.programs import filter_context, program_data
from tidegate.diagnostics import Found
from tidegate.diagnostics.codes.envoy import HOST_HEADER_CHANGE
from tidegate.envoy import routes as envoy
from tidegate.envoy.http_filters import program_metadata, program_override
from tidegate.envoy.resources import JsonObject
from tidegate.model import (
    Forward,
    HeaderChange,
    HeaderChanges,
    IssuerMetadata,
    PathMatchKind,
    Respond,
    Route,
    RouteMatch,
)

# Application Gateway for Containers answers 504 after a minute; API Management's forward-request waits five.
_REQUEST_TIMEOUT: Final = "60s"
_PROGRAM_TIMEOUT: Final = "300s"

_HOST: Final = "host"

_MISDIRECTED: Final = '{"statusCode":421,"message":"This connection was made for another host"}'


def compile_route(route: Route, issuers: Mapping[str, IssuerMetadata]) -> JsonObject:
    """Envoy's route. Its name is the route's id: the access log shows it."""
    result: JsonObject = {"name": route.id, "match": _match(route.match)}
    match route.action:
        case Forward() as forward:
            result["route"] = _forward(route, forward)
        case Respond(status, body, content_type):
            result["direct_response"] = envoy.direct_response(status, body)
            if body:
                result |= envoy.header_changes("response", overwrite={"content-type": content_type})
    for direction, changes in (("request", route.request_headers), ("response", route.response_headers)):
        result = _merged(result, _header_changes(direction, changes))
    if route.program is not None:
        context = filter_context(route.program, issuers, changes_origin=_touches(route.request_headers, "origin"))
        result["typed_per_filter_config"] = program_override(filter_context=context)
        result["metadata"] = program_metadata(program_data(route.program, issuers))
    return result


def check_route(route: Route, found: Found) -> None:
    """Find what Envoy would refuse the whole port's routes for."""
    request, response = route.request_headers, route.response_headers
    for change, names in (
        ("adds to the Host header of requests", _names(request.add)),
        ("removes the Host header of requests", request.remove),
        ("changes the Host header of responses", (*_names(response.set), *_names(response.add), *response.remove)),
    ):
        if _HOST in map(str.lower, names):
            found.add(
                HOST_HEADER_CHANGE,
                at=route.span,
                help="set it in requests to replace it, or leave it out",
                route=route.owner,
                change=change,
            )


def unmatched(body: str) -> JsonObject:
    """The last route of a host: 404 with this body."""
    return {
        "name": "unmatched",
        "match": {"prefix": "/"},
        "direct_response": envoy.direct_response(404, body),
        **envoy.header_changes("response", overwrite={"content-type": "application/json"}),
    }


def misdirected() -> JsonObject:
    """The only route of a host that belongs to another listener's connections: 421."""
    return {
        "name": "misdirected",
        "match": {"prefix": "/"},
        "direct_response": envoy.direct_response(421, _MISDIRECTED),
        **envoy.header_changes("response", overwrite={"content-type": "application/json"}),
    }


def _match(match: RouteMatch) -> JsonObject:
    path = match.path
    match path.kind:
        case PathMatchKind.EXACT:
            result = envoy.exact_path(path.value, ignore_case=path.ignore_case)
        case PathMatchKind.PREFIX:
            result = envoy.prefix_path(path.value, ignore_case=path.ignore_case)
        case PathMatchKind.REGEX:
            result = envoy.regex_path(path.value, ignore_case=path.ignore_case)
    headers = [envoy.exact_header(header.name, header.value) for header in match.headers]
    if match.method is not None:
        headers.insert(0, envoy.exact_header(":method", match.method))
    return {**result, **({"headers": headers} if headers else {})}


def _forward(route: Route, forward: Forward) -> JsonObject:
    weights = [
        (None if weighted.backend is None else cluster_name(weighted.backend), weighted.weight)
        for weighted in forward.backends
    ]
    # Envoy keeps Host out of header changes and has a field of its own for it.
    set_host = {change.name.lower(): change.value for change in route.request_headers.set}.get(_HOST)
    host = set_host if set_host is not None else forward.host
    return {
        **envoy.weighted_clusters(weights),
        "timeout": _REQUEST_TIMEOUT if route.program is None else _PROGRAM_TIMEOUT,
        **_rewrite(route, forward),
        **({"host_rewrite_literal": host} if host is not None else {}),
    }


def _rewrite(route: Route, forward: Forward) -> JsonObject:
    path = route.match.path
    if forward.replace_prefix is None:
        return {}
    if forward.matched_prefix is not None:
        return envoy.path_rewrite(forward.matched_prefix, forward.replace_prefix, ignore_case=path.ignore_case)
    if path.kind is not PathMatchKind.PREFIX:
        raise ValueError(f"route {route.id}: replace_prefix needs matched_prefix, since the match is {path.kind}")
    return envoy.prefix_rewrite(path.value, forward.replace_prefix)


def _touches(changes: HeaderChanges, name: str) -> bool:
    return name in {n.lower() for n in (*(c.name for c in (*changes.set, *changes.add)), *changes.remove)}


def _header_changes(direction: str, changes: HeaderChanges) -> JsonObject:
    """Without those of Host: setting it is `_forward`'s, the others are findings."""
    return envoy.header_changes(
        direction,
        overwrite={change.name: change.value for change in changes.set if change.name.lower() != _HOST},
        append={change.name: change.value for change in changes.add if change.name.lower() != _HOST},
        remove=[name for name in changes.remove if name.lower() != _HOST],
    )


def _names(changes: Iterable[HeaderChange]) -> list[str]:
    return [change.name for change in changes]


def _merged(route: JsonObject, changes: JsonObject) -> JsonObject:
    """Both sets of header changes; the route's own come first."""
    return {**route, **{key: [*route.get(key, ()), *value] for key, value in changes.items()}}
