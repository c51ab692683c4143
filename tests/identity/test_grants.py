"""The table of grants, and the claims parameter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from identity.contoso import CONTOSO, World, content
from tidegate.identity.errors import OAuthError
from tidegate.identity.protocol.grants import GRANTS, KNOWN_ELSEWHERE, client_capabilities, grant_named
from tidegate.identity.protocol.messages import TokenRequest


def test_what_is_advertised_is_what_is_served() -> None:
    """The metadata lists the table's rows."""
    document = content(World().service.openid_configuration(CONTOSO, version=2, host=""))
    assert document["grant_types_supported"] == list(GRANTS)


@pytest.mark.parametrize("name", sorted(KNOWN_ELSEWHERE))
def test_entras_other_grants_are_refused_by_name(name: str) -> None:
    """Honestly: not part of this version."""
    with pytest.raises(OAuthError) as raised:
        grant_named(name)
    assert raised.value.detail == "It is not part of this version of the token service."


def test_no_grant_is_both_served_and_refused() -> None:
    """When a grant comes in, its name leaves the list."""
    assert not KNOWN_ELSEWHERE & set(GRANTS)


def _capabilities(claims: Any) -> tuple[str, ...]:
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return client_capabilities(TokenRequest(2, {"claims": text}, None))


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"access_token": {"xms_cc": {"values": ["CP1"]}}}, ("CP1",)),
        ({"access_token": {"xms_cc": {"values": ["cp1"]}}}, ("CP1",)),
        ({"access_token": {"xms_cc": {"values": ["CP9", 3]}}}, ()),
        ({"access_token": {"xms_cc": None}}, ()),
        ({"access_token": {"nbf": {"essential": True, "value": "1"}}}, ()),
        ({"id_token": {}}, ()),
        ({"access_token": []}, ()),
        ("", ()),
    ],
)
def test_capabilities_are_read_from_claims(claims: Any, expected: tuple[str, ...]) -> None:
    """Both spellings of the one there is; other requests are left alone."""
    assert _capabilities(claims) == expected


@pytest.mark.parametrize("claims", ["x", "[]", "1", "null", "{"])
def test_claims_must_be_an_object(claims: str) -> None:
    """OpenID Connect Core section 5.5."""
    with pytest.raises(OAuthError, match="malformed"):
        _capabilities(claims)
