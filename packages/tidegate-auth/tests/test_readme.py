"""The README's examples run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

README = Path(__file__).resolve().parents[1] / "README.md"


async def test_the_examples_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service answers 401 without a proof, the clients are made, and the shown test passes."""
    environment = {
        "TIDEGATE_AUTH_MODE": "gateway",
        "TIDEGATE_AUTHORITY": "https://localhost:8444",
        "TIDEGATE_AUDIENCE": "task.tasks.svc",
        "AZURE_TENANT_ID": "tenant",
        "AZURE_CLIENT_ID": "client",
        "AZURE_CLIENT_SECRET": "secret",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TIDEGATE_CA_FILE", raising=False)
    names: dict[str, Any] = {}
    for example in re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL):
        exec(compile(example, str(README), "exec", dont_inherit=True), names)
    transport = httpx2.ASGITransport(names["app"])
    async with httpx2.AsyncClient(transport=transport, base_url="http://service.test") as client:
        forged = {"X-User-OID": "eve", "X-User-TID": "tenant", "X-User-Roles": "Admin"}
        assert (await client.post("/tasks", headers=forged)).status_code == 401
    await names["test_readers_create_nothing"]()
    await names["client"].aclose()


def test_the_public_names_are_those_listed() -> None:
    """Every name of `__all__` exists, in order."""
    import tidegate_auth

    assert sorted(tidegate_auth.__all__) == tidegate_auth.__all__
    assert all(hasattr(tidegate_auth, name) for name in tidegate_auth.__all__)
