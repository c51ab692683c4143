"""A clock, an issuer and services of both modes, joined without sockets."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx2
import pytest
from fastapi import Depends, FastAPI
from joserfc.jwk import RSAKey

from tidegate_auth import Auth, AuthSettings, Caller, Mode
from tidegate_auth.testing import AUTHORITY, TENANT, Issuer, ManualClock, new_key

AUDIENCE = "task.tasks.svc"
API = "api://tasks"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def keys() -> tuple[RSAKey, RSAKey]:
    """A tenant's key and a gateway's: made once, since that is slow."""
    return new_key("tenant-1"), new_key("gateway-1")


@pytest.fixture
def issuer(clock: ManualClock, keys: tuple[RSAKey, RSAKey]) -> Issuer:
    return Issuer(
        clock=clock,
        clients={"task": "secret"},
        app_roles={"task": ["AuditLog.Write"]},
        tenant_key=keys[0],
        gateway_key=keys[1],
    )


@pytest.fixture
def gateway_auth(issuer: Issuer) -> Auth:
    settings = AuthSettings(mode=Mode.GATEWAY, authority=AUTHORITY, audience=AUDIENCE)
    return Auth(settings, clock=issuer.clock, transport=issuer.transport())


@pytest.fixture
def jwt_auth(issuer: Issuer) -> Auth:
    settings = AuthSettings(
        mode=Mode.JWT, authority=AUTHORITY, tenant_id=TENANT, api_audiences=(API, "tasks-client-id")
    )
    return Auth(settings, clock=issuer.clock, transport=issuer.transport())


def service(auth: Auth) -> FastAPI:
    """A service that tells who calls it."""
    app = FastAPI()
    auth.install(app)

    @app.get("/me")
    async def me(caller: Annotated[Caller, Depends(auth.caller)]) -> dict[str, object]:
        return {
            "oid": caller.oid,
            "tid": caller.tid,
            "roles": sorted(caller.roles),
            "scopes": sorted(caller.scopes),
            "client": caller.client_app_id,
            "name": caller.name,
            "is_app": caller.is_app,
            "token": caller.token.reveal() if caller.token else None,
        }

    @app.get("/edit")
    async def edit(caller: Annotated[Caller, Depends(auth.require_role("Admin", "Editor"))]) -> str:
        return caller.oid

    @app.get("/send")
    async def send(caller: Annotated[Caller, Depends(auth.require_scope("Notify.Send"))]) -> str:
        return caller.oid

    return app


@pytest.fixture
async def gateway_service(gateway_auth: Auth) -> AsyncIterator[httpx2.AsyncClient]:
    """A service in mode gateway."""
    async with gateway_auth, client_of(service(gateway_auth)) as client:
        yield client


@pytest.fixture
async def jwt_service(jwt_auth: Auth) -> AsyncIterator[httpx2.AsyncClient]:
    """A service in mode jwt."""
    async with jwt_auth, client_of(service(jwt_auth)) as client:
        yield client


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service.test")
