"""`Auth` in an application: once for each request, by dependency or by middleware, over TLS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx2
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fastapi import Depends, FastAPI, Request, WebSocket
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tidegate_auth import Auth, AuthMiddleware, AuthSettings, Caller, Mode
from tidegate_auth.testing import TENANT, Issuer, ManualClock

API = "api://tasks"


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.test")


async def test_without_install_refusals_have_the_right_status_all_the_same(jwt_auth: Auth) -> None:
    """The framework's own body, but 401 and the challenge."""
    app = FastAPI()

    @app.get("/me")
    async def me(caller: Annotated[Caller, Depends(jwt_auth.caller)]) -> str:
        return caller.oid

    async with client_of(app) as client:
        answer = await client.get("/me")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_requirement_of_nothing_is_refused(jwt_auth: Auth) -> None:
    """`require_role()` would let everybody in."""
    with pytest.raises(ValueError, match="at least one role"):
        jwt_auth.require_role()
    with pytest.raises(ValueError, match="at least one scope"):
        jwt_auth.require_scope()


def behind_middleware(auth: Auth) -> FastAPI:
    app = FastAPI()
    app.add_middleware(AuthMiddleware, auth=auth, public=("/healthz",))

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    @app.get("/me")
    async def me(request: Request) -> str:
        return (await auth.caller(request)).oid

    @app.post("/body")
    async def body(item: dict[str, int]) -> dict[str, int]:
        return item

    @app.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text((await auth.caller(socket)).oid)
        await socket.close()

    return app


async def test_middleware_guards_everything_but_public_paths(jwt_auth: Auth, issuer: Issuer) -> None:
    """Before bodies are read and before routes are looked for; public paths are compared exactly."""
    async with client_of(behind_middleware(jwt_auth)) as client:
        assert (await client.get("/healthz")).status_code == 200
        for path in ("/me", "/nowhere", "/docs", "/healthz/", "//healthz", "/healthz%2f"):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.post("/body", content=b"{")).json()["reason"] == "missing"
        headers = {"Authorization": f"Bearer {issuer.user_token(audience=API)}"}
        assert (await client.get("/me", headers=headers)).json() == "ada"
        assert (await client.get("/nowhere", headers=headers)).status_code == 404


def test_middleware_guards_websockets(jwt_auth: Auth, issuer: Issuer) -> None:
    """A handshake without a token is refused; with one, the caller is known inside."""
    client = TestClient(behind_middleware(jwt_auth))
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/ws"):
        pass
    assert refused.value.code == 1008
    headers = {"Authorization": f"Bearer {issuer.user_token(audience=API)}"}
    with client.websocket_connect("/ws", headers=headers) as socket:
        assert socket.receive_text() == "ada"


async def test_one_services_caller_is_not_anothers(jwt_auth: Auth, gateway_auth: Auth, issuer: Issuer) -> None:
    """A caller that one `Auth` verified does not count for another on the same request."""
    app = FastAPI()
    app.add_middleware(AuthMiddleware, auth=jwt_auth)
    gateway_auth.install(app)

    @app.get("/me")
    async def me(caller: Annotated[Caller, Depends(gateway_auth.caller)]) -> str:
        return caller.oid

    async with client_of(app) as client:
        headers = {"Authorization": f"Bearer {issuer.user_token(audience=API)}"}
        assert (await client.get("/me", headers=headers)).json()["reason"] == "missing"


def certificate_of_localhost(folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "localhost.pem", folder / "localhost-key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@asynccontextmanager
async def serving(app: object, context: tuple[Path, Path]) -> AsyncIterator[int]:
    """A real server on loopback, with TLS; gives its port."""
    certificate, key = context
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # any ASGI application
        host="127.0.0.1",
        port=0,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_level="error",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait on
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True


async def test_keys_come_over_tls_from_the_authority_that_the_ca_vouches_for(
    tmp_path: Path, clock: ManualClock, keys: tuple[RSAKey, RSAKey]
) -> None:
    """Real sockets: with the CA file the token is accepted; without it nothing is believed, and the answer is 503."""
    files = certificate_of_localhost(tmp_path)
    issuer = Issuer(clock=clock, tenant_key=keys[0], gateway_key=keys[1])
    async with serving(issuer.app, files) as port:
        issuer.authority = f"https://localhost:{port}"
        statuses = []
        for ca_file in (str(files[0]), None):
            settings = AuthSettings(
                mode=Mode.JWT, authority=issuer.authority, ca_file=ca_file, tenant_id=TENANT, api_audiences=(API,)
            )
            async with Auth(settings, clock=clock) as auth, client_of(behind_middleware(auth)) as client:
                headers = {"Authorization": f"Bearer {issuer.user_token(audience=API)}"}
                answer: httpx2.Response = await client.get("/me", headers=headers)
                statuses.append(answer.status_code)
    assert statuses == [200, 503]
