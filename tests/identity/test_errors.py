"""Every refusal: what provokes it, its code, status and error, and the shape that clients parse."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from identity.contoso import (
    AUDIT,
    CLOSED,
    CONTOSO,
    DIRECTORY,
    EXPIRED_SECRET,
    FABRIKAM,
    FABRIKAM_APP,
    FUTURE_SECRET,
    NOTIFICATIONS,
    OTHER_SECRET,
    STRANGER,
    TASKS,
    World,
    client_credentials,
    content,
    on_behalf_of,
)
from tidegate.identity import errors
from tidegate.identity.errors import ErrorKind, OAuthError
from tidegate.identity.protocol.messages import Reply

Provoke = Callable[[World], Reply]


def _cc(**changes: str) -> Provoke:
    return lambda world: world.post(form=client_credentials(**changes))


def _obo(assertion: Callable[[World], str] = World.user_token, **changes: str) -> Provoke:
    return lambda world: world.post(form=on_behalf_of(assertion(world), **changes))


def _app_token(world: World) -> str:
    form = client_credentials(client_id=NOTIFICATIONS, client_secret=OTHER_SECRET, scope="api://tasks/.default")
    return str(content(world.post(form=form))["access_token"])


def _expired(world: World) -> str:
    token = world.user_token()
    world.clock.advance(5_400)
    return token


def _user_gone(world: World) -> str:
    token = world.user_token()
    world.source.replace(replace(DIRECTORY, users=DIRECTORY.users[1:]))
    world.service.reload()
    return token


def _user_disabled(world: World) -> str:
    token = world.user_token()
    admin = replace(DIRECTORY.users[0], account_enabled=False)
    world.source.replace(replace(DIRECTORY, users=(admin, *DIRECTORY.users[1:])))
    world.service.reload()
    return token


def _tampered(world: World) -> str:
    header, payload, signature = world.user_token().split(".")
    return f"{header}.{payload[:-2]}AA.{signature}"


CASES: dict[str, tuple[Provoke, int, int, str]] = {
    # The request.
    "get": (lambda world: world.post(method="GET"), 900561, 400, "invalid_request"),
    "no grant type": (_cc(grant_type=""), 900144, 400, "invalid_request"),
    "json body": (
        lambda world: world.post(form=b"{}", content_type="application/json"), 900144, 400, "invalid_request",
    ),
    "no content type": (lambda world: world.post(form=b"", content_type=""), 900144, 400, "invalid_request"),
    "no client": (_cc(client_id=""), 900144, 400, "invalid_request"),
    "no scope": (_cc(scope=""), 900144, 400, "invalid_request"),
    "only spaces as scope": (_cc(scope="   "), 900144, 400, "invalid_request"),
    "resource on v2": (_cc(resource="api://audit"), 901002, 400, "invalid_request"),
    "no resource on v1": (
        lambda world: world.post(version=1, form=client_credentials()), 900144, 400, "invalid_request",
    ),
    "repeated parameter": (
        lambda world: world.post(form=[*client_credentials().items(), ("scope", "api://audit/.default")]),
        9002313, 400, "invalid_request",
    ),
    "repeated empty parameter": (
        lambda world: world.post(form=[*client_credentials().items(), ("scope", "")]), 9002313, 400, "invalid_request",
    ),
    "too many parameters": (
        lambda world: world.post(form=[(f"p{number}", "") for number in range(65)]), 9002313, 400, "invalid_request",
    ),
    "not utf-8": (lambda world: world.post(form=b"grant_type=%ff"), 9002313, 400, "invalid_request"),
    "raw bytes": (lambda world: world.post(form=b"grant_type=\xc3\xa4"), 9002313, 400, "invalid_request"),
    "too large": (lambda world: world.post(form=b"a" * (64 * 1024 + 1)), 9002313, 413, "invalid_request"),
    "claims not json": (_cc(claims="{"), 9002313, 400, "invalid_request"),
    "claims deeply nested": (_cc(claims="[" * 20_000), 9002313, 400, "invalid_request"),
    "claims no object": (_cc(claims="[]"), 9002313, 400, "invalid_request"),
    # Grants.
    **{
        name: (_cc(grant_type=name), 70003, 400, "unsupported_grant_type")
        for name in ("authorization_code", "refresh_token", "device_code", "password", "magic", "CLIENT_CREDENTIALS")
    },
    "other token use": (_obo(requested_token_use="other"), 70003, 400, "unsupported_grant_type"),
    "no token use": (_obo(requested_token_use=""), 900144, 400, "invalid_request"),
    "no assertion": (_obo(assertion=lambda _: ""), 900144, 400, "invalid_request"),
    # Tenant and client.
    "unknown tenant": (lambda world: world.post(tenant="nowhere.com"), 90002, 400, "invalid_request"),
    "common": (lambda world: world.post(tenant="common", form=client_credentials()), 50059, 400, "invalid_request"),
    "organizations": (lambda world: world.post(tenant="Organizations"), 50059, 400, "invalid_request"),
    "unknown client": (_cc(client_id="nobody"), 700016, 400, "unauthorized_client"),
    "client of another tenant": (
        _cc(client_id=FABRIKAM_APP, client_secret=OTHER_SECRET), 700016, 400, "unauthorized_client",
    ),
    "disabled client": (_cc(client_id=CLOSED, client_secret=OTHER_SECRET), 7000112, 400, "unauthorized_client"),
    "wrong secret": (_cc(client_secret="guess"), 7000215, 401, "invalid_client"),
    "another application's secret": (_cc(client_secret=OTHER_SECRET), 7000215, 401, "invalid_client"),
    "secret of an application without one": (_cc(client_id=AUDIT), 7000215, 401, "invalid_client"),
    "expired secret": (_cc(client_secret=EXPIRED_SECRET), 7000222, 401, "invalid_client"),
    "secret that has not begun": (_cc(client_secret=FUTURE_SECRET), 7000215, 401, "invalid_client"),
    "no credential": (_cc(client_secret=""), 7000218, 401, "invalid_client"),
    "client assertion": (
        _cc(client_secret="", client_assertion="a.b.c", client_assertion_type="x"), 700027, 401, "invalid_client",
    ),
    # Scope and resource.
    "unknown resource": (_cc(scope="api://nothing/.default"), 500011, 400, "invalid_resource"),
    "resource of another tenant": (_cc(scope=f"{FABRIKAM_APP}/.default"), 500011, 400, "invalid_resource"),
    "a slash too many": (_cc(scope="api://audit//.default"), 500011, 400, "invalid_resource"),
    "a slash too few": (_cc(scope="https://notify.contoso.com/.default"), 500011, 400, "invalid_resource"),
    "disabled resource": (_cc(scope="api://closed/.default"), 50001, 400, "invalid_resource"),
    "named scope as an application": (_cc(scope="api://audit/Audit.Read"), 1002012, 400, "invalid_scope"),
    "default and named as an application": (
        _cc(scope="api://audit/.default api://audit/Audit.Read"), 1002012, 400, "invalid_scope",
    ),
    "openid as an application": (_cc(scope="api://audit/.default openid"), 1002012, 400, "invalid_scope"),
    "two resources": (_cc(scope="api://audit/.default api://tasks/.default"), 70011, 400, "invalid_scope"),
    "default without resource": (_cc(scope=".default"), 70011, 400, "invalid_scope"),
    "default and named on behalf": (
        _obo(scope="api://notifications/.default api://notifications/Notify.Send"), 70011, 400, "invalid_scope",
    ),
    "two resources on behalf": (
        _obo(scope="api://notifications/Notify.Send api://audit/Audit.Read"), 70011, 400, "invalid_scope",
    ),
    "unknown scope on behalf": (_obo(scope="api://notifications/Nothing"), 70011, 400, "invalid_scope"),
    "bare scope on behalf": (_obo(scope="User.Read"), 70011, 400, "invalid_scope"),
    "only openid on behalf": (_obo(scope="openid"), 70011, 400, "invalid_scope"),
    "application not assigned": (
        _cc(client_id=STRANGER, client_secret=OTHER_SECRET), 501051, 400, "invalid_grant",
    ),
    # On behalf of.
    "tampered assertion": (_obo(_tampered), 50013, 400, "invalid_grant"),
    "no token as assertion": (_obo(lambda _: "assertion"), 50013, 400, "invalid_grant"),
    "assertion for another API": (
        _obo(lambda world: world.user_token(scope="api://notifications/.default")), 500131, 400, "invalid_grant",
    ),
    "expired assertion": (_obo(_expired), 500133, 400, "invalid_grant"),
    "application's token as assertion": (_obo(_app_token), 7000114, 400, "invalid_grant"),
    "assertion of another tenant": (
        _obo(lambda world: world.user_token("fay@fabrikam.example.com", tenant=FABRIKAM)), 50013, 400, "invalid_grant",
    ),
    "user gone": (_obo(_user_gone), 50034, 400, "invalid_grant"),
    "user disabled": (_obo(_user_disabled), 50057, 400, "invalid_grant"),
    "no consent": (
        lambda world: world.post(
            form=on_behalf_of(
                world.user_token(scope="api://notifications/.default"),
                client_id=NOTIFICATIONS, client_secret=OTHER_SECRET, scope="api://tasks/.default",
            )
        ),
        65001, 400, "invalid_grant",
    ),
    "consent of another user only": (
        _obo(lambda world: world.user_token("reader@contoso.com"), scope="api://notifications/Notify.Broadcast"),
        65001, 400, "invalid_grant",
    ),
    "user not assigned": (
        _obo(lambda world: world.user_token("reader@contoso.com"), scope="api://audit/Audit.Read"),
        50105, 400, "invalid_grant",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_refusal_has_its_code_status_and_error(world: World, name: str) -> None:
    """Programs branch on these three."""
    provoke, code, status, error = CASES[name]
    reply = provoke(world)
    body = content(reply)
    assert (body["error_codes"], reply.status, body["error"]) == ([code], status, error), body["error_description"]


@pytest.mark.parametrize("name", CASES)
def test_each_refusal_has_entras_shape(world: World, name: str) -> None:
    """The fields that msal, azure-identity and az read, and headers that forbid storing."""
    reply = CASES[name][0](world)
    body = content(reply)
    assert set(body) - {"suberror"} == {
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri",
    }  # fmt: skip
    assert re.fullmatch(
        rf"AADSTS{body['error_codes'][0]}: .+\. Trace ID: {body['trace_id']} "
        rf"Correlation ID: {body['correlation_id']} Timestamp: {body['timestamp']}",
        body["error_description"],
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", body["timestamp"])
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Pragma"] == "no-cache"
    assert reply.headers["client-request-id"] == body["correlation_id"]


@pytest.mark.parametrize("name", CASES)
def test_no_refusal_quotes_a_secret_or_a_token(world: World, name: str) -> None:
    """What proves identity does not come back."""
    text = CASES[name][0](world).body.decode()
    assert not any(secret in text for secret in ("tasks-secret", "other-secret", "guess"))
    assert not re.search(r"eyJ[\w-]{20}", text)


def _rows() -> list[ErrorKind]:
    return [value for value in vars(errors).values() if isinstance(value, ErrorKind)]


NOT_BY_TOKEN_REQUESTS = {70005, 50049}
"""Answered by other endpoints; tested with them."""


def test_every_row_is_provoked() -> None:
    """A row that nothing can provoke is dead."""
    provoked = {(code, status) for _, code, status, _ in CASES.values()}
    rows = {(row.code, row.status) for row in _rows() if row.code not in NOT_BY_TOKEN_REQUESTS}
    assert rows == provoked


def test_consent_is_told_by_suberror(world: World) -> None:
    """msal raises InteractionRequired for it."""
    assert content(CASES["no consent"][0](world))["suberror"] == "consent_required"
    others = [name for name, case in CASES.items() if case[1] != 65001]
    assert all("suberror" not in content(CASES[name][0](World())) for name in others[:10])


@pytest.mark.parametrize("row", _rows(), ids=lambda row: str(row.code))
def test_only_consent_texts_ask_for_interaction(row: ErrorKind) -> None:
    """msal searches descriptions for these words and would open a browser."""
    words = ("interaction_required", "consent_required", "login_required", "bad_token", "ui_not_allowed")
    assert not any(word in row.template for word in words)
    assert row.template.endswith(".")


def test_texts_of_clients_are_quoted_short_and_printable() -> None:
    """A megabyte of client id, or one with line breaks, does not come back."""
    error = OAuthError(errors.CLIENT_NOT_IN_TENANT, client="a\nb\x00" + "c" * 500, tenant=CONTOSO)
    assert "a?b?c" in error.text
    assert len(error.text) < 300
    assert error.body(now=0, trace_id="t", correlation_id="c").isascii()


def test_the_clients_request_id_comes_back(world: World) -> None:
    """As header, or as Node sends it, in the form; anything but a GUID is ignored."""
    wanted = "0A0A0A0A-0000-4000-8000-000000000001"
    by_header = world.post(form=client_credentials(scope=""), client_request_id=wanted)
    by_form = world.post(form=client_credentials(scope="") | {"client-request-id": wanted})
    neither = world.post(form=client_credentials(scope=""), client_request_id="x\r\nSet-Cookie: a=b")
    assert content(by_header)["correlation_id"] == content(by_form)["correlation_id"] == wanted.lower()
    assert re.fullmatch(r"[0-9a-f-]{36}", content(neither)["correlation_id"])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a slash too many", "There is 'api://audit': names are compared exactly, with their trailing slash."),
        ("a slash too few", "There is 'https://notify.contoso.com/'"),
        ("expired secret", "It is the secret with key id old."),
        ("assertion for another API", f"It is for 'api://notifications', presented by '{TASKS}'."),
        ("assertion of another tenant", f"this is the tenant '{CONTOSO}'"),
        ("expired assertion", "It expired"),
        ("unknown scope on behalf", "The resource offers Notify.Send, Notify.Broadcast."),
        ("json body", "must be application/x-www-form-urlencoded, not 'application/json'"),
        ("password", "It is not part of this version of the token service."),
        ("consent of another user only", "Not consented: Notify.Broadcast."),
    ],
)
def test_refusals_say_what_was_compared_with_what(world: World, name: str, sentence: str) -> None:
    """One more sentence saves an afternoon."""
    assert sentence in content(CASES[name][0](world))["error_description"]


def test_a_wrong_secret_tells_the_client_little(world: World) -> None:
    """Neither how many secrets there are nor which is close; not even that one is about to begin."""
    wrong = content(CASES["wrong secret"][0](world))["error_description"].split(" Trace ID")[0]
    early = content(CASES["secret that has not begun"][0](world))["error_description"].split(" Trace ID")[0]
    assert wrong == early
    assert wrong == f"AADSTS7000215: The client secret given is not one of the application '{TASKS}'."
