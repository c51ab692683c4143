"""Secrets, delivered by SDS."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.envoy.resources import JsonObject


def certificate_secret(name: str, *, chain_pem: str, key_pem: str) -> JsonObject:
    """A certificate chain and its key."""
    return {
        "name": name,
        "tls_certificate": {
            "certificate_chain": {"inline_string": chain_pem},
            "private_key": {"inline_string": key_pem},
        },
    }


def authorities_secret(name: str, bundles: Sequence[str]) -> JsonObject:
    """The authorities that vouch for a peer: PEM bundles, taken together."""
    joined = "".join(bundle if bundle.endswith("\n") else f"{bundle}\n" for bundle in bundles)
    return {"name": name, "validation_context": {"trusted_ca": {"inline_string": joined}}}


def generic_secret(name: str, value: str) -> JsonObject:
    """A value that a filter puts somewhere, such as the gateway's proof: `Bearer <token>`."""
    return {"name": name, "generic_secret": {"secret": {"inline_string": value}}}
