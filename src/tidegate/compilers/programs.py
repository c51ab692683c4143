"""What a route's policy program finds with its route (decision 0002).

Envoy 1.40 copies a filter context whole each time that Lua asks for it, which is on every request: it holds digests
only. What they stand for is in the route's metadata, which the runtime reads when a worker meets a digest first.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from tidegate.envoy.resources import JsonObject
from tidegate.envoy.snapshot import canonical
from tidegate.model import IssuerMetadata, PolicyProgram


def filter_context(
    program: PolicyProgram, issuers: Mapping[str, IssuerMetadata], *, changes_origin: bool = False
) -> JsonObject:
    """The digests of the program and of its keys, by which workers cache both.

    `changes_origin`: the route's own header changes touch Origin, so responses cannot know from it what cors decided.
    """
    return {
        **({"changes_origin": "yes"} if changes_origin else {}),
        "program": program.digest,
        "keys_digest": hashlib.sha256(canonical(_keys_of(program, issuers))).hexdigest(),
    }


def program_data(program: PolicyProgram, issuers: Mapping[str, IssuerMetadata]) -> JsonObject:
    """The program, and the keys of the issuers that it verifies tokens of.

    An issuer whose metadata has not been seen is left out: the program then refuses every token of it.
    """
    return {"source": program.lua, "keys": _keys_of(program, issuers)}


def _keys_of(program: PolicyProgram, issuers: Mapping[str, IssuerMetadata]) -> JsonObject:
    return {url: _keys(issuers[url]) for url in program.issuers if url in issuers}


def _keys(metadata: IssuerMetadata) -> JsonObject:
    return {
        "issuer": metadata.issuer,
        "keys": [
            {"kid": key.kid, "algorithms": list(key.algorithms), "der": base64.b64encode(key.der).decode()}
            for key in metadata.keys
        ],
    }
