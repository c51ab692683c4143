"""The two services that are told about changes: one on behalf of the user, one as this service itself.

Neither may undo a change that already stands, so failures become words in the answer and lines in the log.
"""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Self

import httpx2

from task_service.models import Outcome, Task
from task_service.settings import TaskSettings
from tidegate_auth import Caller, ClientCredentials, IssuerUnreachable, OnBehalfOf, TokenRequestFailed

TIMEOUT_S = 5.0
_log = logging.getLogger("task_service")


class CallFailed(Exception):
    """Another service could not be told. The message is safe to show."""


class Downstream:
    def __init__(
        self,
        settings: TaskSettings,
        *,
        issuer: httpx2.AsyncBaseTransport | None = None,
        gateway: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._on_behalf_of = OnBehalfOf(settings.client, scope=settings.notification_scope, transport=issuer)
        self._as_itself = ClientCredentials(settings.client, scope=settings.audit_scope, transport=issuer)
        # The gateway's address is configuration; a proxy for the outside world has no part in it.
        self._gateway = httpx2.AsyncClient(
            base_url=settings.gateway_url, transport=gateway, timeout=TIMEOUT_S, trust_env=False
        )

    async def tell(self, caller: Caller, action: str, task: Task) -> Outcome:
        """Send the notification and write the audit entry, both at once."""
        async with asyncio.TaskGroup() as group:
            notifying = group.create_task(self._notify(caller, action, task), name="notify")
            recording = group.create_task(self._record(caller, action, task), name="record")
        (notification, not_sent), (audit, not_written) = notifying.result(), recording.result()
        problems = [problem for problem in (not_sent, not_written) if problem is not None]
        return Outcome(task=task, notification=notification, audit=audit, problems=problems)

    async def _notify(self, caller: Caller, action: str, task: Task) -> tuple[str, str | None]:
        if caller.is_app or caller.token is None:
            return "skipped", "notification: there is no user to notify"
        message = {"message": f"Task {action}: {task.title}", "task": task.id}
        try:
            await self._post("/notifications", message, auth=self._on_behalf_of.auth(caller.token))
        except CallFailed as error:
            return "failed", f"notification: {error}"
        return "sent", None

    async def _record(self, caller: Caller, action: str, task: Task) -> tuple[str, str | None]:
        entry = {"action": f"task.{action}", "user": caller.oid, "tenant": caller.tid, "target": task.id}
        try:
            await self._post("/audit/entries", entry, auth=self._as_itself.auth())
        except CallFailed as error:
            return "failed", f"audit: {error}"
        return "written", None

    async def _post(self, path: str, body: dict[str, str], *, auth: httpx2.Auth) -> None:
        try:
            response = await self._gateway.post(path, json=body, auth=auth)
        except TokenRequestFailed as error:
            _log.warning("token.refused path=%s error=%s aadsts=%s", path, error.error, error.aadsts)
            raise CallFailed(f"no token ({error.aadsts or error.error})") from error
        except IssuerUnreachable as error:
            _log.warning("issuer.unreachable path=%s detail=%s", path, error)
            raise CallFailed("no token (the token service cannot be reached)") from error
        except httpx2.HTTPError as error:
            _log.warning("call.failed path=%s error=%s", path, type(error).__name__)
            raise CallFailed("the gateway cannot be reached") from error
        if response.is_error:
            _log.warning("call.refused path=%s status=%s", path, response.status_code)
            raise CallFailed(f"answered {response.status_code}")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._gateway.aclose()
        await self._on_behalf_of.aclose()
        await self._as_itself.aclose()
