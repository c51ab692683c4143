"""What a policy program finds with its route."""

from __future__ import annotations

import base64

from tidegate.compilers.programs import filter_context, program_data
from tidegate.model import IssuerKey, IssuerMetadata, PolicyProgram

PROGRAM = PolicyProgram(digest="d", lua="return {}", issuers=("https://a/config", "https://b/config"))


def metadata(url: str, *kids: str) -> IssuerMetadata:
    return IssuerMetadata(url, "https://a/", tuple(IssuerKey(kid, "RSA", ("RS256",), kid.encode()) for kid in kids))


def test_keys_come_bound_to_their_algorithms() -> None:
    """RFC 8725 section 3.1."""
    data = program_data(PROGRAM, {"https://a/config": metadata("https://a/config", "k")})
    assert data["keys"] == {
        "https://a/config": {
            "issuer": "https://a/",
            "keys": [{"kid": "k", "algorithms": ["RS256"], "der": base64.b64encode(b"k").decode()}],
        }
    }


def test_other_programs_keys_are_left_out() -> None:
    """A program trusts the issuers that it names."""
    assert program_data(PROGRAM, {"https://c/config": metadata("https://c/config", "k")})["keys"] == {}


def test_the_digest_of_keys_changes_with_them_only() -> None:
    """Workers cache by it."""
    one = {"https://a/config": metadata("https://a/config", "k")}
    two = {"https://a/config": metadata("https://a/config", "k", "l")}
    assert filter_context(PROGRAM, one)["keys_digest"] == filter_context(PROGRAM, dict(one))["keys_digest"]
    assert filter_context(PROGRAM, one)["keys_digest"] != filter_context(PROGRAM, two)["keys_digest"]


def test_what_is_read_on_every_request_is_small() -> None:
    """Envoy copies the filter context whenever Lua asks for it."""
    assert set(filter_context(PROGRAM, {})) == {"program", "keys_digest"}


def test_a_route_that_changes_origin_says_so() -> None:
    """Responses of it do not work out their CORS headers from the request."""
    assert filter_context(PROGRAM, {}, changes_origin=True)["changes_origin"] == "yes"
