"""The order of HTTP filters, in one place. Order is behaviour; a request passes each table from top to bottom."""

from __future__ import annotations

import hashlib
from typing import Final

from tidegate.envoy.access_log import path_filter
from tidegate.envoy.cors import cors_filter
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import ADS, JsonObject
from tidegate.envoy.sessions import session_filter

LUA: Final = "envoy.filters.http.lua"

PROOF_HEADER: Final = "X-Gateway-Authorization"
"""In which the gateway proves itself to a backend (design, section 8)."""


def http_filters(*, runtime: str, log_requests: bool) -> list[JsonObject]:
    """The filters of every listener. `runtime` is the Lua library that policy programs run in; "" if there is none."""
    return [
        # Before anything could change the path.
        *([path_filter()] if log_requests else []),
        # What a policy answers is readable by the same origins as what a backend answers.
        cors_filter(),
        # Policies decide before anything else sees the request: what they refuse costs nothing further.
        _policies(runtime) if runtime else _no_policies(),
        # The endpoint of the session, if the client names one: the router looks there first.
        session_filter(),
        # Ends the chain: picks the backend, applies the route's header changes.
        _router(),
    ]


def upstream_http_filters(*, proof_secret: str | None) -> list[JsonObject]:
    """The filters between a route and its backend's connection; a retry passes them again."""
    return [
        # After everything that a client, a policy or a route could have put into the header.
        *([_proof(proof_secret)] if proof_secret is not None else []),
        # Ends the chain: writes to the connection.
        _upstream_codec(),
    ]


def program_override(*, filter_context: JsonObject) -> JsonObject:
    """What a route with a policy program says: the filter is on, and this is its program."""
    return {
        LUA: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute",
            "filter_context": filter_context,
        }
    }


def program_metadata(data: JsonObject) -> JsonObject:
    """A route's metadata with what its policy program reads rarely; Lua's `metadata()` is under the filter's name."""
    return {"filter_metadata": {LUA: data}}


def shared_metadata(entries: JsonObject) -> Part:
    """A virtual host's metadata with what its routes share. The name of each entry tells its content: names end with
    the digest of what they stand for, so that the names alone are the digest of all of it."""
    part = Part(program_metadata(entries))
    part.digest = hashlib.sha256("\n".join(sorted(entries)).encode()).digest()
    return part


def _policies(runtime: str) -> JsonObject:
    return {
        "name": LUA,
        # A route that has a program turns it on for itself (`program_override`).
        "disabled": True,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "default_source_code": {"inline_string": runtime},
            # Envoy's default chooses the route anew once a program has set a header, and so perhaps one with other
            # policies, or none. What the client sent has chosen it; a policy does not.
            "clear_route_cache": False,
        },
    }


def _no_policies() -> JsonObject:
    """In the place of policies where no route has one.

    The first policy makes the filters of its listener anew. Connections that are open then keep the old ones for some
    seconds, with the new routes: what a policy must see is refused there, and is told on the next connection.
    """
    return {
        "name": LUA,
        "disabled": True,
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
            "abort": {"http_status": 503, "percentage": {"numerator": 100}},
        },
    }


def _router() -> JsonObject:
    return {
        "name": "envoy.filters.http.router",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
            # Neither clients nor backends should learn what serves them from x-envoy-* headers.
            "suppress_envoy_headers": True,
        },
    }


def _proof(secret: str) -> JsonObject:
    return {
        "name": "envoy.filters.http.credential_injector",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector",
            # A forged header is overwritten; without a proof of our own the request is refused, not passed on.
            "overwrite": True,
            "credential": {
                "name": "envoy.http.injected_credentials.generic",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic",
                    "credential": {"name": secret, "sds_config": ADS},
                    "header": PROOF_HEADER,
                },
            },
        },
    }


def _upstream_codec() -> JsonObject:
    return {
        "name": "envoy.filters.http.upstream_codec",
        "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"},
    }
