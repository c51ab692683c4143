"""The one HTTP client of this distribution: JSON over TLS, within limits."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from functools import lru_cache

import httpx2

from tidegate_auth.errors import IssuerUnreachable

MAX_ANSWER_BYTES = 1_000_000
TIMEOUT_S = 5.0


class JsonClient:
    """Fetches JSON from an issuer. Opens its connections when first used; `aclose` ends them."""

    def __init__(self, *, ca_file: str | None = None, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        """`ca_file` is trusted besides the usual authorities. `transport` replaces the network, in tests."""
        self._ca_file = ca_file
        self._transport = transport
        self._client: httpx2.AsyncClient | None = None

    async def get(self, url: str) -> dict[str, object]:
        """The JSON object at `url`. Raises IssuerUnreachable for everything else."""
        status, answer = await self._send("GET", url)
        if status != httpx2.codes.OK:
            raise IssuerUnreachable(f"{url} answered {status}")
        return answer

    async def post_form(self, url: str, form: Mapping[str, str]) -> tuple[int, dict[str, object]]:
        """Post a form; the status and the JSON object answered, also for refusals."""
        return await self._send("POST", url, form)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(
        self, method: str, url: str, form: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, object]]:
        headers = {"Accept": "application/json"}
        try:
            async with self._opened().stream(method, url, data=form, headers=headers) as response:
                body = b""
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise IssuerUnreachable(f"{url} answered more than {MAX_ANSWER_BYTES} bytes")
                answer = json.loads(body)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise IssuerUnreachable(f"{url}: {type(error).__name__}: {error}") from error
        except (ValueError, RecursionError) as error:
            raise IssuerUnreachable(f"{url} did not answer with JSON") from error
        if not isinstance(answer, dict):
            raise IssuerUnreachable(f"{url} did not answer with a JSON object")
        return response.status_code, answer

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            # No redirects: an issuer's address is configuration, and configuration does not move by itself.
            # No proxies when a local CA is given: that authority is on this machine.
            self._client = httpx2.AsyncClient(
                verify=_trust(self._ca_file),
                transport=self._transport,
                timeout=TIMEOUT_S,
                follow_redirects=False,
                trust_env=self._ca_file is None,
            )
        return self._client


@lru_cache(maxsize=8)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Shared by all clients of the process: reading the usual authorities takes a tenth of a second."""
    context = httpx2.create_ssl_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
