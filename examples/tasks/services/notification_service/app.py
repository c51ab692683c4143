"""The HTTP face: `uvicorn --factory notification_service.app:create_app`.

Mode gateway, like the task service. Sending needs the delegated permission Notify.Send: a program that a user trusted
with it, never a program alone. What was sent is kept in memory, the newest 1000, and each user sees their own.
"""

import uuid
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from tidegate_auth import Auth, AuthMiddleware, AuthSettings, Caller

SEND = "Notify.Send"
KEPT = 1000


class NewNotification(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message: Annotated[str, Field(min_length=1, max_length=500)]
    task: Annotated[str, Field(max_length=64)] | None = None


class Notification(BaseModel):
    id: str
    message: str
    task: str | None
    user: str
    """Object id of the user on whose behalf it was sent: from the verified caller, never from the request's body."""
    user_name: str | None
    tenant: str
    app: str | None
    """Client id of the program that sent it."""
    at: str


class NotificationList(BaseModel):
    notifications: list[Notification]


def create_app(*, auth: Auth | None = None) -> FastAPI:
    """The service. `auth` is for tests; by default the environment says how callers are checked."""
    auth = auth or Auth(AuthSettings.from_environment())
    sent: deque[Notification] = deque(maxlen=KEPT)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with auth:
            yield

    app = FastAPI(title="Notifications", lifespan=lifespan)
    auth.install(app)
    app.add_middleware(AuthMiddleware, auth=auth, public=("/healthz",))
    Sender = Annotated[Caller, Depends(auth.require_scope(SEND))]

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/notifications", status_code=201)
    async def send(new: NewNotification, caller: Sender) -> Notification:
        notification = Notification(
            id=str(uuid.uuid4()),
            message=new.message,
            task=new.task,
            user=caller.oid,
            user_name=caller.name,
            tenant=caller.tid,
            app=caller.client_app_id,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        sent.append(notification)
        return notification

    @app.get("/notifications")
    async def list_notifications(caller: Sender) -> NotificationList:
        own = [item for item in sent if (item.tenant, item.user) == (caller.tid, caller.oid)]
        return NotificationList(notifications=own)

    return app
