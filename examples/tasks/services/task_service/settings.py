"""What the service is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tidegate_auth import AuthSettings, ClientSettings


@dataclass(frozen=True, slots=True)
class TaskSettings:
    auth: AuthSettings
    client: ClientSettings
    gateway_url: str
    """Other services are called through the gateway too, so that they are protected in one place."""
    database: Path
    """One file for all replicas on this machine."""
    notification_scope: str = "api://notification/Notify.Send"
    audit_scope: str = "api://audit/.default"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TaskSettings:
        """Read EDGE_GATEWAY_URL, and TASKS_DATABASE or TIDEGATE_WORKLOAD_STATE, and what tidegate_auth reads.

        Raises ValueError for what is missing: better not to start than to fail at the first request.
        """
        values = os.environ if environment is None else environment
        gateway_url = values.get("EDGE_GATEWAY_URL", "").rstrip("/")
        if not gateway_url:
            raise ValueError("EDGE_GATEWAY_URL is not set: the address of the gateway, such as http://127.0.0.1:8080")
        return cls(
            auth=AuthSettings.from_environment(values),
            client=ClientSettings.from_environment(values),
            gateway_url=gateway_url,
            database=_database(values),
        )


def _database(values: Mapping[str, str]) -> Path:
    if values.get("TASKS_DATABASE"):
        return Path(values["TASKS_DATABASE"])
    if values.get("TIDEGATE_WORKLOAD_STATE"):
        return Path(values["TIDEGATE_WORKLOAD_STATE"]) / "tasks.sqlite3"
    raise ValueError("set TASKS_DATABASE (a file) or TIDEGATE_WORKLOAD_STATE (a directory that all replicas share)")
