"""The HTTP face: `uvicorn --factory audit_service.app:create_app`.

Mode jwt: an audit log should not have to believe even the gateway, so the bearer is checked here once more. Writing
needs the app role AuditLog.Write, which only programs can hold. Entries are kept in memory, the newest 10,000; a
program reads back its own.
"""

import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from tidegate_auth import Auth, AuthMiddleware, AuthSettings, Caller

WRITE = "AuditLog.Write"
KEPT = 10_000


class NewEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: Annotated[str, Field(min_length=1, max_length=100)]
    user: Annotated[str, Field(min_length=1, max_length=64)]
    """Object id of the user for whom it was done, as the program says."""
    tenant: Annotated[str, Field(min_length=1, max_length=64)]
    target: Annotated[str, Field(min_length=1, max_length=200)]


class Entry(NewEntry):
    id: str
    app: str
    """Client id of the program: from its verified token."""
    app_tenant: str
    at: str


class EntryList(BaseModel):
    entries: list[Entry]


def create_app(*, auth: Auth | None = None) -> FastAPI:
    """The service. `auth` is for tests; by default the environment says how callers are checked."""
    auth = auth or Auth(AuthSettings.from_environment())
    log: deque[Entry] = deque(maxlen=KEPT)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with auth:
            yield

    app = FastAPI(title="Audit", lifespan=lifespan)
    auth.install(app)
    app.add_middleware(AuthMiddleware, auth=auth, public=("/healthz",))
    Writer = Annotated[Caller, Depends(auth.require_role(WRITE))]

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/audit/entries", status_code=201)
    async def write(new: NewEntry, caller: Writer) -> Entry:
        entry = Entry(
            **new.model_dump(),
            id=str(uuid.uuid4()),
            app=_program(caller),
            app_tenant=caller.tid,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        log.append(entry)
        return entry

    @app.get("/audit/entries")
    async def read(caller: Writer) -> EntryList:
        own = [entry for entry in log if (entry.app_tenant, entry.app) == (caller.tid, _program(caller))]
        return EntryList(entries=own)

    return app


def _program(caller: Caller) -> str:
    if not caller.is_app or caller.client_app_id is None:
        raise HTTPException(403, "the audit log is for programs")
    return caller.client_app_id
