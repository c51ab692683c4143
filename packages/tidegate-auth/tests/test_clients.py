"""Tokens for calling on: asked for once, kept until shortly before they expire, refused with Entra's codes."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tidegate_auth import (
    BearerToken,
    ClientCredentials,
    ClientSettings,
    IssuerUnreachable,
    OnBehalfOf,
    TokenRequestFailed,
)
from tidegate_auth.testing import AUTHORITY, LIFETIME_S, TENANT, Issuer, ManualClock

SETTINGS = ClientSettings(tenant_id=TENANT, client_id="task", client_secret="secret", authority=AUTHORITY)
TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"


@pytest.fixture
def as_itself(issuer: Issuer) -> ClientCredentials:
    return ClientCredentials(SETTINGS, scope="api://audit/.default", clock=issuer.clock, transport=issuer.transport())


@pytest.fixture
def on_behalf_of(issuer: Issuer) -> OnBehalfOf:
    scope = "api://notification/Notify.Send"
    return OnBehalfOf(SETTINGS, scope=scope, clock=issuer.clock, transport=issuer.transport(), capacity=2)


def user(issuer: Issuer, name: str) -> BearerToken:
    return BearerToken(issuer.user_token(audience="api://tasks", oid=name))


async def test_a_token_is_kept_until_shortly_before_it_expires(
    as_itself: ClientCredentials, issuer: Issuer, clock: ManualClock
) -> None:
    """One request for as long as the token has five minutes to live, then the next."""
    first = await as_itself.token()
    clock.advance(LIFETIME_S - 302)
    assert await as_itself.token() is first
    clock.advance(2)
    assert await as_itself.token() is not first
    assert issuer.requests[TOKEN_PATH] == 2


async def test_many_who_need_a_token_share_one_request(as_itself: ClientCredentials, issuer: Issuer) -> None:
    """Also when it fails: the error reaches all of them."""
    await asyncio.gather(*(as_itself.token() for _ in range(20)))
    assert issuer.requests[TOKEN_PATH] == 1


async def test_each_user_has_their_own_token(on_behalf_of: OnBehalfOf, issuer: Issuer) -> None:
    """Two users, two requests; a known user, none; beyond the capacity the oldest is asked for anew."""
    ada, eddie, rita = (user(issuer, name) for name in ("ada", "eddie", "rita"))
    tokens = [await on_behalf_of.token(who) for who in (ada, eddie)]
    assert tokens[0].value != tokens[1].value
    await on_behalf_of.token(ada)
    assert issuer.requests[TOKEN_PATH] == 2
    await on_behalf_of.token(rita)
    await on_behalf_of.token(ada)
    assert issuer.requests[TOKEN_PATH] == 3
    await on_behalf_of.token(eddie)
    assert issuer.requests[TOKEN_PATH] == 4


async def test_a_refusal_carries_entras_code_and_no_secret(issuer: Issuer) -> None:
    """Nothing of the request stands in the error."""
    wrong = ClientSettings(tenant_id=TENANT, client_id="task", client_secret="not-it", authority=AUTHORITY)
    client = ClientCredentials(wrong, scope="api://audit/.default", clock=issuer.clock, transport=issuer.transport())
    with pytest.raises(TokenRequestFailed) as caught:
        await client.token()
    assert (caught.value.aadsts, caught.value.error, caught.value.status) == ("AADSTS7000215", "invalid_client", 401)
    assert "not-it" not in f"{caught.value} {wrong!r} {client!r}"


async def test_an_app_token_is_no_assertion(on_behalf_of: OnBehalfOf, issuer: Issuer) -> None:
    """The issuer's refusal arrives as it is."""
    with pytest.raises(TokenRequestFailed) as caught:
        await on_behalf_of.token(BearerToken(issuer.app_token(audience="api://tasks")))
    assert caught.value.aadsts == "AADSTS7000114"


async def test_a_refusal_is_not_kept(on_behalf_of: OnBehalfOf, issuer: Issuer) -> None:
    """What was granted a moment later works a moment later."""
    issuer.clients.clear()
    with pytest.raises(TokenRequestFailed):
        await on_behalf_of.token(user(issuer, "ada"))
    issuer.clients["task"] = "secret"
    await on_behalf_of.token(user(issuer, "ada"))


async def test_an_issuer_in_trouble_is_unreachable(as_itself: ClientCredentials, issuer: Issuer) -> None:
    """5xx is not a refusal."""
    issuer.fails_with = 503
    with pytest.raises(IssuerUnreachable):
        await as_itself.token()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "x", "token_type": "Bearer"},
        {"access_token": "x", "token_type": "Bearer", "expires_in": "3600"},
        {"access_token": "x", "token_type": "Bearer", "expires_in": 0},
        {"access_token": "x", "token_type": "pop", "expires_in": 3600},
        {"access_token": 5, "token_type": "Bearer", "expires_in": 3600},
        [],
    ],
)
async def test_an_answer_without_a_token_is_no_token(answer: object) -> None:
    """Whatever 200 says."""

    async def token(_request: Request) -> JSONResponse:
        return JSONResponse(answer)

    app = Starlette(routes=[Route(TOKEN_PATH, token, methods=["POST"])])
    client = ClientCredentials(SETTINGS, scope="api://x/.default", transport=httpx2.ASGITransport(app))
    with pytest.raises(IssuerUnreachable):
        await client.token()


class Downstream:
    """A service that tells which token came, and can be told to refuse."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.refuses = False
        self.app = Starlette(routes=[Route("/", self.answer)])

    async def answer(self, request: Request) -> JSONResponse:
        self.seen.append(request.headers["Authorization"])
        return JSONResponse({}, status_code=401 if self.refuses else 200)

    def client(self, auth: httpx2.Auth) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url="http://down.test", auth=auth)


async def test_auth_classes_put_the_token_on_requests(
    as_itself: ClientCredentials, on_behalf_of: OnBehalfOf, issuer: Issuer
) -> None:
    """`httpx2.AsyncClient(auth=...)` is all that a service writes."""
    downstream, ada = Downstream(), user(issuer, "ada")
    for auth, token in (
        (as_itself.auth(), await as_itself.token()),
        (on_behalf_of.auth(ada), await on_behalf_of.token(ada)),
    ):
        async with downstream.client(auth) as client:
            assert (await client.get("/")).status_code == 200
        assert downstream.seen[-1] == f"Bearer {token.value}"


async def test_a_refused_token_is_asked_for_anew_next_time(
    on_behalf_of: OnBehalfOf, as_itself: ClientCredentials, issuer: Issuer, clock: ManualClock
) -> None:
    """The request that was refused is not repeated behind the service's back."""
    downstream, ada = Downstream(), user(issuer, "ada")
    downstream.refuses = True
    for auth in (on_behalf_of.auth(ada), as_itself.auth()):
        async with downstream.client(auth) as client:
            assert (await client.get("/")).status_code == 401
            clock.advance(1)
            await client.get("/")
    assert len(set(downstream.seen)) == len(downstream.seen) == 4


def test_a_synchronous_client_is_told_so(as_itself: ClientCredentials) -> None:
    """Rather than deadlocking or sending nothing."""
    with (
        httpx2.Client(auth=as_itself.auth(), transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client,
        pytest.raises(RuntimeError, match="AsyncClient"),
    ):
        client.get("http://down.test/")


def test_tokens_and_secrets_do_not_show_themselves(issuer: Issuer) -> None:
    """Not in a representation, not as text."""
    token = user(issuer, "ada")
    assert token.reveal() not in f"{token} {token!r}"
    assert "secret" not in repr(SETTINGS).replace("client_secret", "")
