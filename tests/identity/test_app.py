"""The public application: every path, what is not there, and what happens when we are wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from identity.contoso import AUTHORITY, CONTOSO, SECRET, World, client_credentials
from tidegate.identity import create_public_app
from tidegate.identity.app import Application


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_public_app(world.service))
    async with httpx2.AsyncClient(transport=transport, base_url=AUTHORITY) as made:
        yield made


READ = [
    f"/{CONTOSO}/v2.0/.well-known/openid-configuration",
    f"/{CONTOSO}/.well-known/openid-configuration",
    "/contoso.com/v2.0/.well-known/openid-configuration",
    "/common/v2.0/.well-known/openid-configuration",
    "/organizations/v2.0/.well-known/openid-configuration",
    "/common/.well-known/openid-configuration",
    f"/{CONTOSO}/discovery/v2.0/keys",
    f"/{CONTOSO}/discovery/keys",
    "/common/discovery/v2.0/keys",
    "/common/discovery/keys",
    f"/common/discovery/instance?api-version=1.1&authorization_endpoint={AUTHORITY}/{CONTOSO}/oauth2/v2.0/authorize",
    "/gateway/.well-known/openid-configuration",
    "/gateway/discovery/keys",
]


@pytest.mark.parametrize("path", READ)
async def test_metadata_is_served(client: httpx2.AsyncClient, path: str) -> None:
    """JSON, cacheable shortly, readable from other origins."""
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("path", READ)
async def test_metadata_is_only_read(client: httpx2.AsyncClient, path: str) -> None:
    """HEAD has no body; other methods are not there."""
    head = await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert (await client.post(path)).status_code == 404


@pytest.mark.parametrize("version", ["/v2.0", ""])
async def test_advertised_addresses_are_served(client: httpx2.AsyncClient, version: str) -> None:
    """Each endpoint of the metadata answers, the sign-in page with an honest refusal."""
    document = (await client.get(f"/{CONTOSO}{version}/.well-known/openid-configuration")).json()
    assert (await client.get(document["jwks_uri"])).status_code == 200
    assert (await client.post(document["token_endpoint"])).json()["error_codes"] == [900144]
    sign_in = await client.get(document["authorization_endpoint"], params={"response_type": "code"})
    assert (sign_in.status_code, sign_in.json()["error_codes"]) == (400, [70005])
    assert sign_in.json()["error"] == "unsupported_response_type"
    named = {value for key, value in document.items() if key.endswith(("_endpoint", "_uri"))}
    assert len(named) == 3


async def test_the_gateways_metadata_leads_to_its_keys(client: httpx2.AsyncClient) -> None:
    """A fixed name before tenants: no tenant can take it."""
    document = (await client.get("/gateway/.well-known/openid-configuration")).json()
    assert document["issuer"] == f"{AUTHORITY}/gateway"
    assert len((await client.get(document["jwks_uri"])).json()["keys"]) == 2


@pytest.mark.parametrize("path", ["/oauth2/v2.0/token", "/oauth2/token"])
async def test_tokens_are_issued(client: httpx2.AsyncClient, path: str) -> None:
    """Both endpoints."""
    form = client_credentials()
    if "v2" not in path:
        form["resource"] = "api://audit"
    answer = await client.post(f"/contoso.com{path}", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["access_token"].count(".") == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_the_token_endpoint_takes_post_only(client: httpx2.AsyncClient, method: str) -> None:
    """900561, as JSON; the credentials in a query string are not looked at."""
    answer = await client.request(method, f"/{CONTOSO}/oauth2/v2.0/token", params=client_credentials())
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [900561])


@pytest.mark.parametrize(
    "path",
    [
        "/", "/internal/health", "/internal/tokens", "/internal/keys/rotate", "/internal/proofs", "/internal/reload",
        "/contoso.com", f"/{CONTOSO}/oauth2/v2.0/devicecode", f"/{CONTOSO}/oauth2/v2.0/logout", "//",
        f"/{CONTOSO}/v2.0/.well-known/openid-configuration/", "/gateway/oauth2/v3.0/token", "/%2e%2e/keys",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_else_is_there(client: httpx2.AsyncClient, path: str, method: str) -> None:
    """The operator's routes above all: they are not forbidden here, they do not exist here."""
    answer = await client.request(method, path, content=b"{}")
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


async def test_the_gateway_is_no_tenant(client: httpx2.AsyncClient) -> None:
    """It has metadata and keys, and gives no tokens."""
    answer = await client.post("/gateway/oauth2/v2.0/token", data=client_credentials())
    assert answer.json()["error_codes"] == [90002]


async def test_an_unknown_tenants_metadata_is_a_readable_refusal(client: httpx2.AsyncClient) -> None:
    """msal-browser reads errors of other origins too."""
    answer = await client.get("/nowhere.com/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_tenant")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_body_without_end_is_cut(client: httpx2.AsyncClient) -> None:
    """The reader stops just above the limit; memory does not grow with the request."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 << 20:
            sent += 65_536
            yield b"a" * 65_536

    answer = await client.post(
        f"/{CONTOSO}/oauth2/v2.0/token",
        content=endless(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert answer.json()["error_codes"] == [9002313]


async def test_our_own_bug_is_an_opaque_500(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client gets no text of ours, the log gets kind and place."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ArithmeticError(SECRET)

    monkeypatch.setattr(world.service, "token", broken)
    transport = httpx2.ASGITransport(app=create_public_app(world.service))
    with capture_logs() as lines:
        async with httpx2.AsyncClient(transport=transport, base_url=AUTHORITY) as client:
            answer = await client.post(f"/{CONTOSO}/oauth2/v2.0/token")
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert SECRET not in answer.text + repr(lines)
    assert lines[-1]["event"] == "identity.request.failed"


async def test_only_http_is_served(world: World) -> None:
    """A WebSocket is a mistake of whoever mounted the application."""
    with pytest.raises(ValueError, match="only HTTP"):
        await create_public_app(world.service)({"type": "websocket"}, None, None)  # type: ignore[arg-type]  # unused


async def test_a_bug_after_the_answer_began_breaks_the_connection() -> None:
    """Half an answer must not look like a whole one."""

    async def half(_: Request) -> StreamingResponse:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"half"
            raise ArithmeticError

        return StreamingResponse(chunks())

    transport = httpx2.ASGITransport(app=Application([Route("/half", half)]))
    async with httpx2.AsyncClient(transport=transport, base_url=AUTHORITY) as client:
        with pytest.raises(ArithmeticError), capture_logs() as lines:
            await client.get("/half")
    assert lines[-1]["event"] == "identity.request.failed"


async def test_a_client_that_leaves_is_no_bug(world: World) -> None:
    """The connection ends before the body did: nothing is logged as our failure, no token is made."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        return None

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/{CONTOSO}/oauth2/v2.0/token",
        "root_path": "",
        "query_string": b"",
        "headers": [],
    }
    with capture_logs() as lines:
        await create_public_app(world.service)(scope, receive, send)
    assert lines == []
