"""The operator's application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from identity.contoso import AUDIT, CONTOSO, TASKS, World, decoded
from keys.made_keys import made
from tidegate.identity import create_internal_app
from tidegate.keys import KeyStoreError


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_internal_app(world.service))
    async with httpx2.AsyncClient(transport=transport, base_url="http://identity") as made_client:
        yield made_client


async def test_tokens_for_people(client: httpx2.AsyncClient) -> None:
    """As at the token endpoint, verified by the keys that this application serves too."""
    answer = await client.post("/internal/tokens", json={"user": "admin@contoso.com", "scope": "api://tasks/.default"})
    assert answer.status_code == 200
    keys = (await client.get(f"/{CONTOSO}/discovery/v2.0/keys")).json()
    assert decoded(answer.json()["access_token"], keys)[1]["roles"] == ["Admin"]
    assert answer.headers["cache-control"] == "no-store"


async def test_tokens_for_applications(client: httpx2.AsyncClient) -> None:
    """Without their secret; null members are absent ones."""
    wanted = {"app": TASKS, "user": None, "tenant": None, "scope": f"{AUDIT}/.default"}
    answer = await client.post("/internal/tokens", json=wanted)
    assert answer.json()["token_type"] == "Bearer"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Name either 'user' or 'app'."),
        (b"[]", "The body must be a JSON object."),
        (b"{", "The body must be a JSON object."),
        (b"[" * 50_000, "The body must be a JSON object."),
        (b'{"user": 3}', "'user' must be text."),
        (b'{"usr": "a"}', "'usr' is not one of scope, user, app, tenant, client."),
        (b'{"user": "' + b"a" * 70_000 + b'"}', "A request body may have 65536 bytes."),
    ],
)
async def test_what_is_not_understood_is_refused(client: httpx2.AsyncClient, content: bytes, sentence: str) -> None:
    """Nothing the operator writes is passed over."""
    answer = await client.post("/internal/tokens", content=content)
    assert answer.status_code == 400
    if content:
        assert sentence in answer.json()["error_description"]


async def test_lone_surrogates_are_text_too(client: httpx2.AsyncClient) -> None:
    """JSON can spell what UTF-8 cannot."""
    answer = await client.post("/internal/tokens", content=b'{"user": "\\ud800", "scope": "\\udfff/.default"}')
    assert answer.status_code == 400


async def test_proofs(client: httpx2.AsyncClient) -> None:
    """One token for each audience, however often it was named."""
    answer = await client.post("/internal/proofs", json={"audiences": ["task.tasks.svc", "task.tasks.svc"]})
    body = answer.json()
    assert (list(body["tokens"]), body["expires_in"]) == (["task.tasks.svc"], 600)
    header, claims = decoded(body["tokens"]["task.tasks.svc"], (await client.get("/gateway/discovery/keys")).json())
    assert (header["typ"], claims["aud"]) == ("gateway-proof+jwt", "task.tasks.svc")


@pytest.mark.parametrize(
    "body", [{}, {"audiences": "task.tasks.svc"}, {"audiences": [3]}, {"audiences": ["other"]}, {"audience": []}]
)
async def test_proofs_refuse_what_is_no_list_of_backends(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    """400 with a sentence."""
    answer = await client.post("/internal/proofs", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_no_audience_is_no_proof(client: httpx2.AsyncClient) -> None:
    """A gateway without backends asks for nothing."""
    assert (await client.post("/internal/proofs", json={"audiences": []})).json()["tokens"] == {}


async def test_rotation_is_visible_at_once(client: httpx2.AsyncClient) -> None:
    """In the answer, in the key set and in the health that control compares."""
    before = (await client.get("/internal/health")).json()["keys"]["tenants"]
    answer = (await client.post("/internal/keys/rotate")).json()
    assert answer["purpose"] == "tenants"
    assert answer["keys"]["current"] == [made(1).kid]
    assert answer["keys"]["previous"] == [made(0).kid]
    after = (await client.get("/internal/health")).json()["keys"]["tenants"]
    served = (await client.get(f"/{CONTOSO}/discovery/keys")).json()["keys"]
    assert [key["kid"] for key in served] == after != before


async def test_a_purpose_is_rotated_by_name(client: httpx2.AsyncClient) -> None:
    """The gateway's keys, or a refusal that lists what there is."""
    assert (await client.post("/internal/keys/rotate", json={"purpose": "gateway"})).json()["purpose"] == "gateway"
    answer = await client.post("/internal/keys/rotate", json={"purpose": "other"})
    assert "must be one of tenants, gateway" in answer.json()["error_description"]


async def test_a_store_that_cannot_be_written_is_said(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """500 with the store's own sentence: whoever asked owns the disk."""

    def full(*_: Any) -> Any:
        raise KeyStoreError("keys/tenants.json: the signing keys cannot be written: No space left on device")

    monkeypatch.setattr(world.keys, "update", full)
    answer = await client.post("/internal/keys/rotate")
    assert answer.status_code == 500
    assert "No space left" in answer.json()["error_description"]


async def test_reload_says_whether_it_was_accepted(client: httpx2.AsyncClient, world: World) -> None:
    """And which directory is in use now."""
    assert (await client.post("/internal/reload")).json() == {"accepted": True, "directory": "1"}
    world.source.replace(None)
    answer = await client.post("/internal/reload")
    assert (answer.status_code, answer.json()) == (409, {"accepted": False, "directory": "1"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/internal/tokens"), ("POST", "/internal/health"), ("GET", "/internal/keys/rotate"), ("GET", "/internal")],
)
async def test_other_methods_are_not_there(client: httpx2.AsyncClient, method: str, path: str) -> None:
    """A GET never changes anything."""
    assert (await client.request(method, path)).status_code == 404


async def test_public_routes_are_here_too(client: httpx2.AsyncClient) -> None:
    """Control reads metadata over the socket; endpoints are named by the authority, not by the socket."""
    document = (await client.get(f"/{CONTOSO}/v2.0/.well-known/openid-configuration")).json()
    assert document["jwks_uri"] == f"https://localhost:8444/{CONTOSO}/discovery/v2.0/keys"


async def test_managed_identities(client: httpx2.AsyncClient) -> None:
    """As an application that is named; the gateway's own must be in the directory."""
    path = "/internal/managed-identity"
    answer = await client.get(path, params={"resource": AUDIT, "client_id": TASKS})
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")
    assert int(answer.json()["expires_in"]) > 0
    same = await client.get(path, params={"resource": f"{AUDIT}/.default", "client_id": TASKS})
    assert same.status_code == 200
    nobody = await client.get(path, params={"resource": AUDIT})
    assert nobody.status_code == 400
    assert "tidegate-gateway" in nobody.json()["error_description"]
    assert (await client.get(path)).status_code == 400
