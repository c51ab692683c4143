"""One route of the model to the routes of Envoy that do the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tidegate.compilers import cors
from tidegate.compilers.egress import programs_of
from tidegate.compilers.forwards import forward_action
from tidegate.compilers.headers import HOST, envoy_changes, touches, with_changes
from tidegate.compilers.matches import compile_match
from tidegate.compilers.programs import filter_context, route_data
from tidegate.compilers.redirects import redirects
from tidegate.compilers.sessions import known_backends, session_override, split_by_session, splits_sessions
from tidegate.compilers.shares import Share
from tidegate.diagnostics import Found
from tidegate.diagnostics.codes.certificates import CERTIFICATE_DESTINATION
from tidegate.diagnostics.codes.envoy import EXPOSE_ALL, HOST_HEADER_CHANGE, SESSION_SPLIT
from tidegate.envoy import routes as envoy
from tidegate.envoy.egress_routes import chosen_backend
from tidegate.envoy.http_filters import program_metadata, program_override
from tidegate.envoy.matches import below
from tidegate.envoy.resources import JsonObject
from tidegate.model import (
    ExternalBackend,
    Forward,
    HeaderChange,
    HeaderChanges,
    IssuerMetadata,
    Redirect,
    Respond,
    Route,
)

_MISDIRECTED: Final = '{"statusCode":421,"message":"This connection was made for another host"}'


def compile_route(route: Route, issuers: Mapping[str, IssuerMetadata]) -> tuple[JsonObject, ...]:
    """Envoy's routes, in order. Their names are the route's id, which the access log shows."""
    split = tuple(split_by_session(route))
    result: list[JsonObject] = []
    if route.cors is not None and all(share.route.cors == route.cors for share in split):
        result += cors.preflights(route, route.cors)
    for share in split:
        if share.route.cors is not None and share.route.cors != route.cors:
            result += [_narrowed(one, share) for one in cors.preflights(share.route, share.route.cors)]
        result += _compiled(share, issuers)
    return tuple(result)


def check_route(route: Route, found: Found) -> None:
    """Find what Envoy would refuse the whole port's routes for, and what it cannot do as the route says."""
    _check_host(route, route.request_headers, route.response_headers, found)
    rules_of_origins = [route.cors]
    if isinstance(route.action, Forward):
        for weighted in route.action.backends:
            if weighted.filters is not None:
                _check_host(route, weighted.filters.request_headers, weighted.filters.response_headers, found)
                rules_of_origins.append(weighted.filters.cors)
        if (session := splits_sessions(route.action)) is not None:
            count = len(known_backends(route.action))
            found.add(SESSION_SPLIT, at=route.span, route=route.owner, name=session.name, count=count)
    _check_shown(route, found)
    if any(each is not None and cors.exposes_too_much(each) for each in rules_of_origins):
        found.add(EXPOSE_ALL, at=route.span, help="name the headers", route=route.owner)


def _check_shown(route: Route, found: Found) -> None:
    """Only hosts outside, over TLS, are shown a program's certificate. One that chooses a backend was checked there."""
    if not isinstance(route.action, Forward):
        return
    for program in programs_of(route):
        if not program.certificates or program.names_backend:
            continue
        step = next((each for each in program.steps if each.text.startswith("authentication-certificate")), None)
        for weighted in route.action.backends:
            backend = weighted.backend
            if backend is not None and not (isinstance(backend, ExternalBackend) and backend.tls):
                found.add(
                    CERTIFICATE_DESTINATION,
                    at=step.span if step is not None else route.span,
                    destination=backend,
                    help="only hosts outside with an https URL are: a `serviceUrl`, or a set-backend-service",
                    notes=("a Gateway's `tls.backend.clientCertificateRef` shows one to Services",),
                )


def unmatched(body: str) -> JsonObject:
    """The last route of a host: 404 with this body."""
    return {
        "name": "unmatched",
        "match": {"prefix": "/"},
        "direct_response": envoy.direct_response(404, body),
        **envoy.header_changes("response", overwrite=[("content-type", "application/json")]),
    }


def misdirected() -> JsonObject:
    """The only route of a host that belongs to another listener's connections: 421."""
    return {
        "name": "misdirected",
        "match": {"prefix": "/"},
        "direct_response": envoy.direct_response(421, _MISDIRECTED),
        **envoy.header_changes("response", overwrite=[("content-type", "application/json")]),
    }


def _compiled(share: Share, issuers: Mapping[str, IssuerMetadata]) -> Iterator[JsonObject]:
    route = share.route
    match = compile_match(route.match)
    data = route_data(route) if route.program is not None else {}
    for conditions, action in _actions(share):
        headers = [*match.get("headers", ()), *conditions]
        result: JsonObject = {
            "name": route.id,
            "match": {**match, **({"headers": headers} if headers else {})},
            **action,
        }
        for direction, changes in (("request", route.request_headers), ("response", route.response_headers)):
            result = with_changes(result, envoy_changes(direction, changes))
        overrides: JsonObject = {}
        if route.program is not None:
            context = filter_context(route, issuers, data=data, changes_origin=_changes_origin(route))
            overrides |= program_override(filter_context=context)
        if isinstance(route.action, Forward):
            overrides |= session_override(route, route.action, secure=share.secure)
        if overrides:
            result["typed_per_filter_config"] = overrides
        if route.program is not None:
            result["metadata"] = program_metadata(data)
        compiled = [_narrowed(one, share) for one in _shared_with_origins(route, result)]
        if any(program.chooses_backend for program in programs_of(route)):
            # Right before each: the same with the backend that the program has chosen.
            compiled = [one for each in compiled for one in (chosen_backend(each), each)]
        yield from compiled


def _actions(share: Share) -> Iterator[tuple[list[JsonObject], JsonObject]]:
    """Envoy's actions, each with the headers that it needs."""
    match share.route.action:
        case Forward() as forward:
            yield [], {"route": forward_action(share.route, forward, secure=share.secure)}
        case Redirect() as redirect:
            yield from redirects(share.route, redirect)
        case Respond(status, body, content_type):
            action: JsonObject = {"direct_response": envoy.direct_response(status, body)}
            if body:
                action |= envoy.header_changes("response", overwrite=[("content-type", content_type)])
            yield [], action


def _shared_with_origins(route: Route, compiled: JsonObject) -> Iterator[JsonObject]:
    """What the responses say to scripts of other origins."""
    if route.cors is None:
        yield compiled
        return
    compiled = with_changes(compiled, {"response_headers_to_add": [cors.varies()]})
    if "route" in compiled:
        overrides = {**compiled.get("typed_per_filter_config", {}), **cors.filter_override(route.cors)}
        yield {**compiled, "typed_per_filter_config": overrides}
        return
    match = compiled["match"]
    readable = with_changes(compiled, {"response_headers_to_add": cors.response_headers(route.cors)})
    yield {**readable, "match": {**match, "headers": [*match.get("headers", ()), cors.from_allowed(route.cors)]}}
    yield compiled


def _changes_origin(route: Route) -> bool:
    """Whether responses cannot tell any more where the request came from."""
    changes = [route.request_headers]
    if isinstance(route.action, Forward):
        changes += [one.filters.request_headers for one in route.action.backends if one.filters is not None]
    return any(touches(each, cors.ORIGIN) for each in changes)


def _narrowed(route: JsonObject, share: Share) -> JsonObject:
    """To the share's requests."""
    match = route["match"]
    if share.conditions:
        match = {**match, "headers": [*match.get("headers", ()), *share.conditions]}
    if share.below is not None:
        match = {**match, "runtime_fraction": below(share.below)}
    return {**route, "match": match}


def _check_host(route: Route, request: HeaderChanges, response: HeaderChanges, found: Found) -> None:
    for change, names in (
        ("adds to the Host header of requests", _names(request.add)),
        ("removes the Host header of requests", request.remove),
        ("changes the Host header of responses", (*_names(response.set), *_names(response.add), *response.remove)),
    ):
        if HOST in map(str.lower, names):
            found.add(
                HOST_HEADER_CHANGE,
                at=route.span,
                help="set it in requests to replace it, or leave it out",
                route=route.owner,
                change=change,
            )


def _names(changes: Iterable[HeaderChange]) -> Sequence[str]:
    return [change.name for change in changes]
