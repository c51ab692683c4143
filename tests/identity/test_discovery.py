"""Metadata documents, key sets, and whom the service believes to be."""

from __future__ import annotations

import pytest
import yaml

from goldens import Case, Golden, cases
from identity.contoso import AUTHORITY, CONTOSO, World, content
from keys.made_keys import made
from tidegate.identity.discovery import Authority
from tidegate.identity.errors import OAuthError


@pytest.mark.parametrize("case", cases("identity/metadata"))
def test_metadata(case: Case, golden: Golden) -> None:
    """The document is as the golden says."""
    wanted = yaml.safe_load(case.source_text)
    service = World().service
    if wanted["tenant"] == "gateway":
        reply = service.gateway_configuration()
    else:
        host = wanted.get("host", "localhost:8444")
        reply = service.openid_configuration(wanted["tenant"], version=wanted["version"], host=host)
    golden.compare(case, {"yaml": yaml.safe_dump(content(reply), sort_keys=False, width=110)})


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("localhost:8444", "https://localhost:8444"),
        ("127.0.0.1:8444", "https://127.0.0.1:8444"),
        ("[::1]:18444", "https://[::1]:18444"),
        ("localhost", "https://localhost"),
        ("login.microsoftonline.com", "https://login.microsoftonline.com"),
        ("identity", AUTHORITY),
        ("", AUTHORITY),
        ("evil.example:8444", AUTHORITY),
        ("localhost.evil.example", AUTHORITY),
        ("localhost:8444@evil.example", AUTHORITY),
        ("localhost:evil", AUTHORITY),
        ("login.microsoftonline.com:444", AUTHORITY),
        ("login.microsoftonline.com.evil.example", AUTHORITY),
    ],
)
def test_endpoints_name_the_host_that_was_asked_if_it_is_ours(host: str, base: str) -> None:
    """A forged Host header cannot send anybody elsewhere."""
    assert Authority(AUTHORITY).as_asked(host) == base


def test_an_authority_elsewhere_does_not_pass_for_localhost() -> None:
    """Only a service on this machine answers for every name of this machine."""
    assert Authority("https://id.example:8444").as_asked("localhost:1") == "https://id.example:8444"


@pytest.mark.parametrize("url", ["http://localhost:8444", "https://", "https://localhost/x", "localhost:8444", ""])
def test_an_authority_is_https_and_a_host(url: str) -> None:
    """Its URL is the base of everything signed."""
    with pytest.raises(ValueError, match="an authority is"):
        Authority(url)


def test_keys_are_those_of_all_tenants() -> None:
    """One set, as at Entra; the v2 form says whose tokens a key signs."""
    service = World().service
    v1 = content(service.tenant_keys(CONTOSO, version=1))["keys"]
    v2 = content(service.tenant_keys("contoso.com", version=2))["keys"]
    common = content(service.tenant_keys("common", version=2))["keys"]
    assert [key["kid"] for key in v1] == [made(0).kid, made(1).kid]
    assert {key["issuer"] for key in v2} == {f"https://login.microsoftonline.com/{CONTOSO}/v2.0"}
    assert {key["issuer"] for key in common} == {"https://login.microsoftonline.com/{tenantid}/v2.0"}
    assert all("issuer" not in key for key in v1)


def test_the_gateways_keys_are_others() -> None:
    """A proof never verifies as a token, nor a token as a proof."""
    service = World().service
    gateway = {key["kid"] for key in content(service.gateway_keys())["keys"]}
    tenants = {key["kid"] for key in content(service.tenant_keys(CONTOSO, version=2))["keys"]}
    assert not gateway & tenants


@pytest.mark.parametrize("version", [1, 2])
def test_an_unknown_tenant_has_no_metadata(version: int) -> None:
    """90002, as invalid_tenant here."""
    with pytest.raises(OAuthError) as raised:
        World().service.openid_configuration("nowhere.com", version=version, host="")
    assert (raised.value.kind.code, raised.value.kind.error) == (90002, "invalid_tenant")


def test_metadata_may_be_read_by_browsers_and_kept_shortly() -> None:
    """msal-browser fetches it from the page's origin."""
    headers = World().service.tenant_keys(CONTOSO, version=2).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "private, max-age=300"


@pytest.mark.parametrize(
    ("endpoint", "found_at"),
    [
        (f"{AUTHORITY}/contoso.com/oauth2/v2.0/authorize", f"{AUTHORITY}/contoso.com"),
        # msal for Python drops the port of an authority that it does not know.
        ("https://localhost/contoso.com/oauth2/v2.0/authorize", f"{AUTHORITY}/contoso.com"),
        ("https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "https://login.microsoftonline.com/common"),
    ],
)
def test_instance_discovery_finds_our_authorities(endpoint: str, found_at: str) -> None:
    """And says under which names they are one and the same."""
    body = content(World().service.instance_discovery(endpoint, host="localhost:8444"))
    assert body["tenant_discovery_endpoint"] == f"{found_at}/v2.0/.well-known/openid-configuration"
    assert body["api-version"] == "1.1"
    aliases = [alias for entry in body["metadata"] for alias in entry["aliases"]]
    assert {"login.microsoftonline.com", "sts.windows.net", "localhost:8444"} <= set(aliases)
    assert all(entry["preferred_network"] in entry["aliases"] for entry in body["metadata"])


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("", 900144),
        ("https://login.evil.example/common/oauth2/v2.0/authorize", 50049),
        ("http://localhost:8444/contoso.com/oauth2/v2.0/authorize", 50049),
        ("https://localhost:8444", 50049),
        ("https://[localhost/contoso.com", 50049),
        ("https://localhost:8444@evil.example/contoso.com", 50049),
    ],
)
def test_instance_discovery_vouches_for_nobody_else(endpoint: str, code: int) -> None:
    """Clients send passwords where we say it is genuine."""
    with pytest.raises(OAuthError) as raised:
        World().service.instance_discovery(endpoint, host="localhost:8444")
    assert raised.value.kind.code == code
