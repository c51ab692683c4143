"""The HTTP face: `uvicorn --factory task_service.app:create_app`.

Mode gateway: the gateway has checked the token and names the caller in headers; its proof is checked here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx2
from fastapi import Depends, FastAPI, HTTPException
from starlette.concurrency import run_in_threadpool

from task_service.access import EVERYBODY, WRITERS, may_assign, reach
from task_service.downstream import Downstream
from task_service.models import NewTask, Outcome, Task, TaskChange, TaskList, WholeTask
from task_service.settings import TaskSettings
from task_service.store import TaskStore
from tidegate_auth import Auth, AuthMiddleware, Caller


def create_app(
    settings: TaskSettings | None = None,
    *,
    auth: Auth | None = None,
    issuer: httpx2.AsyncBaseTransport | None = None,
    gateway: httpx2.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The service. Everything but `settings` is for tests, and those are read from the environment by default."""
    settings = settings or TaskSettings.from_environment()
    auth = auth or Auth(settings.auth)
    store = TaskStore(settings.database)
    downstream = Downstream(settings, issuer=issuer, gateway=gateway)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with auth, downstream:
            yield

    app = FastAPI(title="Tasks", lifespan=lifespan)
    auth.install(app)
    # Before anything else, even before the body is read. /docs is behind it too.
    app.add_middleware(AuthMiddleware, auth=auth, public=("/healthz",))
    Reading = Annotated[Caller, Depends(auth.require_role(*EVERYBODY))]
    Writing = Annotated[Caller, Depends(auth.require_role(*WRITERS))]

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/tasks")
    async def list_tasks(caller: Reading) -> TaskList:
        return TaskList(tasks=await run_in_threadpool(store.visible, reach(caller)))

    @app.get("/tasks/{task_id}")
    async def get_task(task_id: str, caller: Reading) -> Task:
        return _found(await run_in_threadpool(store.get, reach(caller), task_id))

    @app.post("/tasks", status_code=201)
    async def create_task(new: NewTask, caller: Writing) -> Outcome:
        owner = new.owner or caller.oid
        if not may_assign(caller, owner=owner):
            raise HTTPException(403, "only an Admin makes tasks for others")
        task = await run_in_threadpool(store.create, tenant=caller.tid, owner=owner, title=new.title)
        return await downstream.tell(caller, "created", task)

    @app.put("/tasks/{task_id}")
    async def replace_task(task_id: str, whole: WholeTask, caller: Writing) -> Outcome:
        return await change_task(task_id, TaskChange(title=whole.title, done=whole.done), caller)

    @app.patch("/tasks/{task_id}")
    async def change_task(task_id: str, change: TaskChange, caller: Writing) -> Outcome:
        task = _found(await run_in_threadpool(store.change, reach(caller), task_id, change))
        return await downstream.tell(caller, "updated", task)

    @app.delete("/tasks/{task_id}")
    async def delete_task(task_id: str, caller: Writing) -> Outcome:
        task = _found(await run_in_threadpool(store.delete, reach(caller), task_id))
        return await downstream.tell(caller, "deleted", task)

    return app


def _found(task: Task | None) -> Task:
    if task is None:
        raise HTTPException(404, "no such task")
    return task
