"""The log: one line for each token, and never a secret in it."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from identity.contoso import (
    ADMIN,
    CONTOSO,
    EXPIRED_SECRET,
    FUTURE_SECRET,
    NOTIFICATIONS,
    SECRET,
    TASKS,
    World,
    client_credentials,
    content,
    on_behalf_of,
)
from tidegate.identity import events


def test_an_issued_token_is_one_line(world: World) -> None:
    """Who, for whom, what, through which grant and key, for how long."""
    assertion = world.user_token()
    with capture_logs() as lines:
        world.post(form=on_behalf_of(assertion))
    (line,) = lines
    assert line["event"] == "identity.token.issued"
    expected = {
        "outcome": "issued",
        "tenant": CONTOSO,
        "client_id": TASKS,
        "grant": "on_behalf_of",
        "audience": "api://notifications",
        "user": ADMIN,
        "scopes": "Notify.Send",
        "log_level": "info",
    }
    assert {name: line[name] for name in expected} == expected
    assert line["ttl_s"] >= 3_600


def test_a_refused_token_is_one_line_that_tells_more_than_the_client_hears(world: World) -> None:
    """Why a secret did not match stays on this side."""
    with capture_logs() as lines:
        body = content(world.post(form=client_credentials(client_secret=FUTURE_SECRET)))
    (line,) = lines
    assert (line["event"], line["code"], line["outcome"]) == ("identity.token.refused", "AADSTS7000215", "refused")
    assert line["reason"] == "secret future begins at 1800003600"
    assert line["correlation_id"] == body["correlation_id"]
    assert line["trace_id"] == body["trace_id"]
    assert "begins" not in body["error_description"]


def test_secrets_in_the_wrong_field_are_not_logged(world: World) -> None:
    """People paste them where they do not belong, and so do scripts."""
    paths = [
        client_credentials(client_id=SECRET),
        client_credentials(grant_type=SECRET),
        client_credentials(scope=f"{SECRET}/.default"),
        client_credentials(client_secret=EXPIRED_SECRET),
        client_credentials(client_secret=SECRET + "x"),
        client_credentials(client_id=NOTIFICATIONS),
        client_credentials(client_secret="", client_assertion=world.user_token()),
        on_behalf_of(world.user_token() + "x"),
        on_behalf_of(world.user_token(scope="api://notifications/.default")),
        on_behalf_of(world.user_token()),
        client_credentials(),
    ]
    with capture_logs() as lines:
        for form in paths:
            world.post(form=form)
        world.post(tenant=SECRET, form=client_credentials())
        world.post(form=client_credentials(), client_request_id=SECRET)
        world.post(form=b"client_secret=" + SECRET.encode(), content_type=SECRET)
        world.operator(user=SECRET, scope=SECRET)
        world.service.proofs(["task.tasks.svc"])
        world.service.rotate_keys("tenants")
        world.source.replace(None)
        world.service.reload()
    text = repr(lines)
    assert len(lines) == len(paths) + 7
    assert not any(secret in text for secret in (SECRET, EXPIRED_SECRET, "eyJ", "PRIVATE"))


def test_a_bug_is_logged_by_kind_and_place(world: World) -> None:
    """Not by its text, which may quote anything."""
    with capture_logs() as lines:
        try:
            raise ArithmeticError(SECRET)
        except ArithmeticError as error:
            events.request_failed(path="/x", error=error)
    (line,) = lines
    assert line["kind"] == "ArithmeticError"
    assert line["place"].startswith("test_a_bug_is_logged_by_kind_and_place:")
    assert SECRET not in repr(line)


@pytest.mark.parametrize(("client_id", "shown"), [(TASKS, TASKS), ("", "(none)"), ("x" * 40, "(not an id)")])
def test_clients_are_named_if_they_have_the_shape_of_an_id(world: World, client_id: str, shown: str) -> None:
    """Unknown ids are worth knowing; anything else is not."""
    with capture_logs() as lines:
        world.post(form=client_credentials(client_id=client_id, client_secret="guess"))
    assert lines[0]["client_id"] == shown


def test_upkeep_has_lines_of_its_own(world: World) -> None:
    """Names are constant, so that alerts can be built on them."""
    with capture_logs() as lines:
        events.keys_unusable(message="keys/tenants.json: damaged")
        events.certificate_renewed(not_after=1.5)
        events.certificate_unusable(message="ca.pem: no")
    assert [line["event"] for line in lines] == [
        "identity.keys.unusable",
        "identity.certificate.renewed",
        "identity.certificate.unusable",
    ]
