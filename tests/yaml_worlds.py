"""Worlds written as YAML, for golden cases of the compiler: the model's own words, shortened. Unknown keys fail.

listeners:
  - {name: http, port: 80, hostname: "*.example.com", routes: [...]}    # protocol: HTTPS, certificates: [name]
a route: {name: cart, hosts: [...], path: /cart, headers: {...}, method: GET, line: 4, <action>, ...}
a path:  /prefix, {exact: /path}, {regex: /pattern}, with ignore_case: true
an action: `to: {cart: 9, "https://host:443": 1, none: 1}` by weight, or `respond: {status: 302, body: ...}`
services: {cart: [8001, 8002]}    # endpoints on loopback; Service shop/cart, port 80
          {cart: {endpoints: [8001], protocol: HTTP/2, tls: {...}, health_check: {http: {...}, ...}, ...}}
routes say more in yaml_routes.py
a stream: {name: db, hosts: [...], to: {cart: 9, none: 1}}, in a listener's `streams`
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import yaml

from tidegate.model import (
    Backend,
    Certificate,
    ExternalBackend,
    IssuerKey,
    IssuerMetadata,
    Listener,
    ObjectName,
    PathMatch,
    PathMatchKind,
    PolicyProgram,
    Protocol,
    Redirect,
    Respond,
    Route,
    World,
)
from worlds import forward, route, span, world
from yaml_backends import read_listener_tls, read_service, read_stream
from yaml_routes import read_changes, read_cors, read_forward, read_match

_KINDS = {"exact": PathMatchKind.EXACT, "prefix": PathMatchKind.PREFIX, "regex": PathMatchKind.REGEX}


def read_world(text: str) -> tuple[World, dict[str, IssuerMetadata]]:
    """The world and the issuers' keys."""
    given = yaml.safe_load(text)
    services = {name: read_service(name, one) for name, one in given.pop("services", {}).items()}
    listeners = [_listener(one, services) for one in given.pop("listeners")]
    issuers = {url: _issuer(url, one) for url, one in given.pop("issuers", {}).items()}
    this = world(*listeners, backends=tuple(services.values()), unmatched_body=given.pop("unmatched_body", ""))
    _nothing_left(given)
    return this, issuers


def _listener(given: dict[str, Any], services: dict[str, Backend]) -> Listener:
    certificates = [
        Certificate(ObjectName("shop", name), f"chain of {name}", f"key of {name}")
        for name in given.pop("certificates", ())
    ]
    routes = tuple(_route(one, services) for one in given.pop("routes", ()))
    made = Listener(
        name=given.pop("name"),
        port=given.pop("port", 80),
        protocol=Protocol(given.pop("protocol", "HTTP")),
        hostname=given.pop("hostname", None),
        certificates=tuple(certificates),
        routes=routes,
        span=span(given.pop("line", 1)),
        tls=read_listener_tls(given.pop("tls", {})),
        stream_routes=tuple(read_stream(one, services) for one in given.pop("streams", ())),
    )
    _nothing_left(given)
    return made


def _route(given: dict[str, Any], services: dict[str, Backend]) -> Route:
    more: dict[str, Any] = {}
    for direction in ("request_headers", "response_headers"):
        if direction in given:
            more[direction] = read_changes(given.pop(direction))
    if "cors" in given:
        more["cors"] = read_cors(given.pop("cors"))
    if "program" in given:
        program = given.pop("program")
        more["program"] = PolicyProgram(digest=f"digest of {program['lua']}", **_tuples(program))
    if "respond" in given:
        action: Any = Respond(**given.pop("respond"))
    elif "redirect" in given:
        action = Redirect(**given.pop("redirect"))
    else:
        to = given.pop("to")
        plain = forward(*(_target(name, services) for name in to), weights=tuple(to.values()))
        action = read_forward(plain, list(to), given, services)
    made = route(
        given.pop("name"),
        action,
        path=_path(given.pop("path", "/")),
        hosts=tuple(given.pop("hosts", ())),
        method=given.pop("method", None),
        line=given.pop("line", 1),
        **more,
    )
    made = replace(made, match=read_match(made.match, given))
    _nothing_left(given)
    return made


def _target(name: str, services: dict[str, Backend]) -> Backend | ExternalBackend | None:
    if name == "none":
        return None
    if "://" in name:
        url = urlsplit(name)
        return ExternalBackend(url.hostname or "", url.port or 0, tls=url.scheme == "https")
    return services[name]


def _path(given: str | dict[str, Any]) -> PathMatch:
    if isinstance(given, str):
        return PathMatch(PathMatchKind.PREFIX, given)
    ignore_case = given.pop("ignore_case", False)
    ((kind, value),) = given.items()
    return PathMatch(_KINDS[kind], value, ignore_case)


def _issuer(url: str, given: dict[str, Any]) -> IssuerMetadata:
    keys = tuple(IssuerKey(kid, "RSA", ("RS256",), f"key {kid}".encode()) for kid in given["keys"])
    return IssuerMetadata(url, given["issuer"], keys)


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _nothing_left(given: dict[str, Any]) -> None:
    if given:
        raise ValueError(f"unknown keys {sorted(given)}")
