"""Tasks in one SQLite file that all replicas on a machine share.

The replicas share nothing else, and each must show what another wrote. SQLite in WAL mode gives that on one machine; on
a cluster this file would be a database server, and this module the only one to change.
"""

from __future__ import annotations

import fcntl
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from task_service.access import Reach
from task_service.models import Task, TaskChange

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    done INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS tasks_by_owner ON tasks (tenant, owner, created_at, id);
"""
_COLUMNS = "id, title, done, owner, created_at, updated_at"
# The owner is a part of every condition: no query can be written that forgets it.
_VISIBLE = "tenant = :tenant AND (:owner IS NULL OR owner = :owner)"
LIST_LIMIT = 1000


class TaskStore:
    """Blocking: call it from a worker thread. Each call has a connection of its own, which SQLite makes cheap."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Replicas start together, and SQLite does not wait when two of them switch a new file to WAL.
        with path.with_name(path.name + ".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)

    def visible(self, reach: Reach) -> list[Task]:
        """The tasks in reach, oldest first, at most LIST_LIMIT."""
        query = f"SELECT {_COLUMNS} FROM tasks WHERE {_VISIBLE} ORDER BY created_at, id LIMIT {LIST_LIMIT}"  # noqa: S608 - constants only
        with closing(self._connect()) as connection:
            return [_task(row) for row in connection.execute(query, _bind(reach))]

    def get(self, reach: Reach, task_id: str) -> Task | None:
        with closing(self._connect()) as connection:
            return _get(connection, reach, task_id)

    def create(self, *, tenant: str, owner: str, title: str) -> Task:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        task = Task(id=str(uuid.uuid4()), title=title, done=False, owner=owner, created_at=now, updated_at=now)
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO tasks VALUES (:id, :tenant, :owner, :title, 0, :now, :now)",
                {"id": task.id, "tenant": tenant, "owner": owner, "title": title, "now": now},
            )
        return task

    def change(self, reach: Reach, task_id: str, change: TaskChange) -> Task | None:
        """The changed task; None if there is none in reach."""
        with self._transaction() as connection:
            task = _get(connection, reach, task_id)
            if task is None:
                return None
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            changed = task.model_copy(update={**change.model_dump(exclude_none=True), "updated_at": now})
            connection.execute(
                "UPDATE tasks SET title = ?, done = ?, updated_at = ? WHERE id = ?",
                (changed.title, changed.done, changed.updated_at, changed.id),
            )
            return changed

    def delete(self, reach: Reach, task_id: str) -> Task | None:
        """The task that was; None if there is none in reach."""
        with self._transaction() as connection:
            task = _get(connection, reach, task_id)
            if task is not None:
                connection.execute("DELETE FROM tasks WHERE id = ?", (task.id,))
            return task

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5, isolation_level=None)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            # IMMEDIATE: waiting for another writer happens here, where it can, and not in the middle, where it cannot.
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                yield connection


def _get(connection: sqlite3.Connection, reach: Reach, task_id: str) -> Task | None:
    query = f"SELECT {_COLUMNS} FROM tasks WHERE id = :id AND {_VISIBLE}"  # noqa: S608 - constants only
    row = connection.execute(query, {**_bind(reach), "id": task_id}).fetchone()
    return None if row is None else _task(row)


def _bind(reach: Reach) -> dict[str, str | None]:
    return {"tenant": reach.tenant, "owner": reach.owner}


def _task(row: tuple[str, str, int, str, str, str]) -> Task:
    task_id, title, done, owner, created_at, updated_at = row
    return Task(id=task_id, title=title, done=bool(done), owner=owner, created_at=created_at, updated_at=updated_at)
