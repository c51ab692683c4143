"""Settings: read from the environment, and refused when they could not protect anything."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate_auth import AuthSettings, ClientSettings, Mode, TrustedHeaders

GATEWAY = {
    "TIDEGATE_AUTHORITY": "https://localhost:8444/",
    "TIDEGATE_CA_FILE": "/ca.pem",
    "TIDEGATE_AUDIENCE": "task.tasks.svc",
}
JWT = {"TIDEGATE_AUTH_MODE": "jwt", "AZURE_TENANT_ID": "t", "TIDEGATE_API_AUDIENCES": "api://a, guid api://b"}


def test_gateway_is_the_default_mode() -> None:
    """What the runtime sets is enough."""
    settings = AuthSettings.from_environment(GATEWAY)
    assert settings == AuthSettings(
        mode=Mode.GATEWAY, authority="https://localhost:8444", ca_file="/ca.pem", audience="task.tasks.svc"
    )
    assert settings.gateway_authority == "https://localhost:8444"


def test_the_gateways_keys_may_come_from_elsewhere() -> None:
    """With Entra for tokens and Tidegate for proofs."""
    settings = AuthSettings.from_environment({**GATEWAY, "TIDEGATE_GATEWAY_AUTHORITY": "https://other:1"})
    assert settings.gateway_authority == "https://other:1"


def test_mode_jwt_reads_tenant_and_audiences() -> None:
    """Entra's public authority unless told otherwise."""
    settings = AuthSettings.from_environment(JWT)
    assert settings.api_audiences == ("api://a", "guid", "api://b")
    assert settings.authority == "https://login.microsoftonline.com"


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument."""
    for name, value in GATEWAY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TIDEGATE_AUTH_MODE", raising=False)
    assert AuthSettings.from_environment().audience == "task.tasks.svc"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {**GATEWAY, "TIDEGATE_AUDIENCE": ""},
        {**GATEWAY, "TIDEGATE_AUTH_MODE": "none"},
        {**GATEWAY, "TIDEGATE_AUTHORITY": "http://localhost:8444"},
        {**GATEWAY, "TIDEGATE_AUTHORITY": "https://localhost:8444/tenant"},
        {**GATEWAY, "TIDEGATE_AUTHORITY": "localhost"},
        {**GATEWAY, "TIDEGATE_GATEWAY_AUTHORITY": "http://localhost"},
        {**JWT, "AZURE_TENANT_ID": ""},
        {**JWT, "TIDEGATE_API_AUDIENCES": " , "},
    ],
)
def test_settings_that_protect_nothing_are_refused(environment: dict[str, str]) -> None:
    """At start, with the reason."""
    with pytest.raises(ValueError, match=r"TIDEGATE_AUTH_MODE|authority|audience|tenant_id"):
        AuthSettings.from_environment(environment)


@pytest.mark.parametrize("leeway", [-1, 301, float("nan")])
def test_the_leeway_stays_small(leeway: float) -> None:
    """Clocks differ by seconds, not by hours."""
    with pytest.raises(ValueError, match="leeway_s"):
        AuthSettings(mode=Mode.GATEWAY, audience="a", leeway_s=leeway)


def test_trusted_headers_are_different_headers() -> None:
    """Two names that fold to one could not be told apart."""
    with pytest.raises(ValueError, match="different names"):
        TrustedHeaders(oid="X-User", roles="x_user")


@pytest.mark.parametrize("missing", ["tenant_id", "client_id", "client_secret"])
def test_a_token_client_needs_all_of_it(missing: str) -> None:
    """An empty secret is a missing secret."""
    values: dict[str, Any] = {"tenant_id": "t", "client_id": "c", "client_secret": "s", missing: ""}
    with pytest.raises(ValueError, match=missing):
        ClientSettings(**values)
