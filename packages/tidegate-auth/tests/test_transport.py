"""What an issuer may answer, and what is not believed."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tidegate_auth import IssuerUnreachable
from tidegate_auth.transport import MAX_ANSWER_BYTES, JsonClient

URL = "https://issuer.test/keys"


def answering(status: int, content: bytes, headers: dict[str, str] | None = None) -> JsonClient:
    return JsonClient(
        transport=httpx2.MockTransport(lambda _: httpx2.Response(status, content=content, headers=headers))
    )


async def test_an_object_is_what_counts() -> None:
    """With status 200."""
    assert await answering(200, b'{"keys": []}').get(URL) == {"keys": []}


@pytest.mark.parametrize(
    ("status", "content"),
    [(404, b"{}"), (500, b"{}"), (200, b""), (200, b"[]"), (200, b"<html>"), (200, b"\xff"), (200, b"[" * 100_000)],
)
async def test_everything_else_is_unreachable(status: int, content: bytes) -> None:
    """An error, no JSON, no object, a bomb."""
    with pytest.raises(IssuerUnreachable):
        await answering(status, content).get(URL)


async def test_a_redirect_is_not_followed() -> None:
    """The issuer's address is configuration."""
    with pytest.raises(IssuerUnreachable, match="302"):
        await answering(302, b"{}", {"Location": "https://eve.test/keys"}).get(URL)


async def test_an_endless_answer_is_cut() -> None:
    """Not one byte more than the limit is kept."""
    with pytest.raises(IssuerUnreachable, match="more than"):
        await answering(200, b" " * (MAX_ANSWER_BYTES + 1)).get(URL)


async def test_a_missing_ca_file_is_said(tmp_path: Path) -> None:
    """Not a traceback at the first request."""
    with pytest.raises(IssuerUnreachable, match="FileNotFoundError"):
        await JsonClient(ca_file=str(tmp_path / "ca.pem")).get(URL)
