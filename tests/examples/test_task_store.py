"""The store: replicas that start together and write at once see the same tasks."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from task_service.access import Reach
from task_service.models import TaskChange
from task_service.settings import TaskSettings
from task_service.store import TaskStore

EVERYBODY = Reach(tenant="t", owner=None)


def test_stores_on_one_file_see_the_same(tmp_path: Path) -> None:
    """What one replica writes, the other reads at once."""
    one, two = TaskStore(tmp_path / "tasks.sqlite3"), TaskStore(tmp_path / "tasks.sqlite3")
    task = one.create(tenant="t", owner="ada", title="x")
    assert two.get(EVERYBODY, task.id) == task
    changed = two.change(EVERYBODY, task.id, TaskChange(done=True))
    assert changed is not None
    assert changed.done
    assert one.visible(EVERYBODY) == [changed]


def test_replicas_that_start_together_lose_no_write(tmp_path: Path) -> None:
    """Eight threads, each opening the file anew and writing, all succeed."""
    failures: list[sqlite3.Error] = []
    together = threading.Barrier(8)

    def replica(name: str) -> None:
        try:
            together.wait()
            store = TaskStore(tmp_path / "state" / "tasks.sqlite3")
            for number in range(10):
                store.create(tenant="t", owner=name, title=str(number))
        except sqlite3.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=replica, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(TaskStore(tmp_path / "state" / "tasks.sqlite3").visible(EVERYBODY)) == 80


def test_reach_bounds_every_call(tmp_path: Path) -> None:
    """Another tenant or owner gets None from each of them, and nothing is changed."""
    store = TaskStore(tmp_path / "tasks.sqlite3")
    task = store.create(tenant="t", owner="ada", title="x")
    for outside in (Reach(tenant="other", owner=None), Reach(tenant="t", owner="eddie")):
        assert store.get(outside, task.id) is None
        assert store.change(outside, task.id, TaskChange(title="y")) is None
        assert store.delete(outside, task.id) is None
        assert store.visible(outside) == []
    assert store.get(Reach(tenant="t", owner="ada"), task.id) == task


def test_settings_come_from_the_environment() -> None:
    """The runtime's directory serves where no file is named, and what is missing is named."""
    environment = {
        "EDGE_GATEWAY_URL": "http://127.0.0.1:8080/",
        "TIDEGATE_WORKLOAD_STATE": "/state",
        "TIDEGATE_AUDIENCE": "task.tasks.svc",
        "AZURE_TENANT_ID": "t",
        "AZURE_CLIENT_ID": "c",
        "AZURE_CLIENT_SECRET": "s",
    }
    settings = TaskSettings.from_environment(environment)
    assert (settings.gateway_url, settings.database) == ("http://127.0.0.1:8080", Path("/state/tasks.sqlite3"))
    assert TaskSettings.from_environment({**environment, "TASKS_DATABASE": "/x"}).database == Path("/x")
    for name in ("EDGE_GATEWAY_URL", "TIDEGATE_WORKLOAD_STATE", "TIDEGATE_AUDIENCE", "AZURE_CLIENT_SECRET"):
        lacking = {key: value for key, value in environment.items() if key != name}
        with pytest.raises(ValueError, match=r"EDGE_GATEWAY_URL|TIDEGATE_WORKLOAD_STATE|audience|client_secret"):
            TaskSettings.from_environment(lacking)
