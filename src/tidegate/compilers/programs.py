"""What a route's policy program finds in its filter context (decision 0002)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from tidegate.envoy.resources import JsonObject
from tidegate.envoy.snapshot import canonical
from tidegate.model import IssuerMetadata, PolicyProgram


def filter_context(route_id: str, program: PolicyProgram, issuers: Mapping[str, IssuerMetadata]) -> JsonObject:
    """The program, and the keys of the issuers that it verifies tokens of.

    An issuer whose metadata has not been seen is left out: the program then refuses every token of it.
    """
    keys = {url: _keys(issuers[url]) for url in program.issuers if url in issuers}
    return {
        "program": program.digest,
        "source": program.lua,
        "keys": keys,
        "keys_digest": hashlib.sha256(canonical(keys)).hexdigest(),
        "route": route_id,
    }


def _keys(metadata: IssuerMetadata) -> JsonObject:
    return {
        "issuer": metadata.issuer,
        "keys": [
            {"kid": key.kid, "algorithms": list(key.algorithms), "der": base64.b64encode(key.der).decode()}
            for key in metadata.keys
        ],
    }
