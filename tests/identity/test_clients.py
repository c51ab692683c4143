"""Client authentication: in the body, in the header, and never in both."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from urllib.parse import quote_plus

import pytest

from identity.contoso import DIRECTORY, SECRET, STRANGER, TASKS, World, client_credentials, content
from keys.made_keys import NOW
from tidegate.model import Application, PasswordCredential


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def _with_passwords(world: World, *passwords: PasswordCredential) -> None:
    def changed(application: Application) -> Application:
        return replace(application, passwords=passwords) if application.app_id == TASKS else application

    world.source.replace(replace(DIRECTORY, applications=tuple(changed(app) for app in DIRECTORY.applications)))
    assert world.service.reload()


def test_the_header_authenticates(world: World) -> None:
    """RFC 6749 section 2.3.1, the scheme in any case."""
    form = client_credentials(client_id="", client_secret="")
    for header in (_basic(TASKS, SECRET), _basic(TASKS, SECRET).replace("Basic", "bAsIc")):
        assert world.post(form=form, authorization=header).status == 200


def test_the_header_may_repeat_the_client_id_in_the_body(world: World) -> None:
    """Many clients do."""
    assert world.post(form=client_credentials(client_secret=""), authorization=_basic(TASKS, SECRET)).status == 200


def test_credentials_in_the_header_are_form_encoded(world: World) -> None:
    """A secret with a colon, a plus and a percent sign comes through."""
    secret = "a:b+c%d é"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    _with_passwords(world, PasswordCredential("k", digest))
    header = _basic(TASKS, quote_plus(secret))
    assert world.post(form=client_credentials(client_id="", client_secret=""), authorization=header).status == 200


def _encoded(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic !!!", _encoded(b"nocolon"), _encoded(b"\xff:\xff"), _encoded(b"a:%ff")]
)
def test_a_header_that_is_not_credentials_is_malformed(world: World, header: str) -> None:
    """It is not passed over in favour of the body."""
    reply = world.post(form=client_credentials(), authorization=header)
    assert content(reply)["error_codes"] == [9002313]


def test_another_scheme_is_no_client_authentication(world: World) -> None:
    """The body counts."""
    assert world.post(form=client_credentials(), authorization="Bearer abc").status == 200


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"client_secret": "", "client_assertion": "a.b.c"},
        {"client_secret": "", "client_id": STRANGER},
    ],
)
def test_two_methods_or_two_clients_are_refused(world: World, extra: dict[str, str]) -> None:
    """RFC 6749 section 2.3: one method in a request."""
    reply = world.post(form=client_credentials(**extra), authorization=_basic(TASKS, SECRET))
    assert content(reply)["error_codes"] == [9002313]


def test_a_failed_header_is_answered_with_its_scheme(world: World) -> None:
    """RFC 6749 section 5.2; not for secrets in the body."""
    form = client_credentials(client_id="", client_secret="")
    by_header = world.post(form=form, authorization=_basic(TASKS, "guess"))
    by_body = world.post(form=client_credentials(client_secret="guess"))
    assert by_header.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "WWW-Authenticate" not in by_body.headers


def test_one_valid_secret_among_expired_twins_suffices(world: World) -> None:
    """The same text registered twice, once expired: renewal by extension."""
    digest = next(p for p in DIRECTORY.applications[0].passwords if p.key_id == "present").secret_sha256
    _with_passwords(world, PasswordCredential("a", digest, end=NOW - 1), PasswordCredential("b", digest.upper()))
    assert world.post(form=client_credentials()).status == 200


@pytest.mark.parametrize(("offset", "status"), [(-1, 200), (0, 401), (1, 401)])
def test_a_secret_ends_at_its_end(world: World, offset: int, status: int) -> None:
    """Up to, not including."""
    digest = next(p for p in DIRECTORY.applications[0].passwords if p.key_id == "present").secret_sha256
    _with_passwords(world, PasswordCredential("k", digest, end=NOW - offset))
    assert world.post(form=client_credentials()).status == status


def test_a_digest_is_no_secret(world: World) -> None:
    """Whoever reads the directory file cannot sign in with what it says."""
    for password in DIRECTORY.applications[0].passwords:
        reply = world.post(form=client_credentials(client_secret=password.secret_sha256))
        assert content(reply)["error_codes"] == [7000215]
